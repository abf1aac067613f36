-- Agents in an order that has nothing to do with where their sessions lie.
CREATE TABLE soak.agent (n int PRIMARY KEY, session_id text NOT NULL);
INSERT INTO soak.agent SELECT row_number() OVER (ORDER BY random()), session_id FROM idpsync.session;
VACUUM ANALYZE soak.agent, soak.report;
