-- What binds every caller: a row only where it differs from the default.
CREATE TABLE idpsync.store_setting (
    name text COLLATE "C" NOT NULL,
    value text NOT NULL,
    CONSTRAINT store_setting_pkey PRIMARY KEY (name)
);
COMMENT ON TABLE idpsync.store_setting IS 'what binds every caller of the store, set by idpsync.configure_store()';
COMMENT ON COLUMN idpsync.store_setting.name IS 'name of the setting';
COMMENT ON COLUMN idpsync.store_setting.value IS 'its value, where it is not the default';
-- for each row, since logical replication fires no trigger for each statement of INSERT and its like
CREATE TRIGGER store_setting_changed
    AFTER INSERT OR UPDATE OR DELETE ON idpsync.store_setting
    FOR EACH ROW EXECUTE FUNCTION idpsync.store_setting_changed();
CREATE TRIGGER store_setting_truncated
    AFTER TRUNCATE ON idpsync.store_setting
    FOR EACH STATEMENT EXECUTE FUNCTION idpsync.store_setting_changed();
ALTER TABLE idpsync.store_setting ENABLE ALWAYS TRIGGER store_setting_changed;
ALTER TABLE idpsync.store_setting ENABLE ALWAYS TRIGGER store_setting_truncated;
COMMENT ON TRIGGER store_setting_changed ON idpsync.store_setting IS 'makes every backend read the settings anew';
COMMENT ON TRIGGER store_setting_truncated ON idpsync.store_setting IS 'makes every backend read the settings anew';
CREATE TRIGGER check_store_setting
    BEFORE INSERT OR UPDATE ON idpsync.store_setting
    FOR EACH ROW EXECUTE FUNCTION idpsync.check_store_setting();
COMMENT ON TRIGGER check_store_setting ON idpsync.store_setting IS 'refuses settings that configure_store() would refuse';
