\echo Use "ALTER EXTENSION idpsync UPDATE TO '0.2.0'" to load this file. \quit
-- The declarations are those of 0.1.0. What is new is in the library, and comes into a store by
-- SELECT idpsync.upgrade_store();
