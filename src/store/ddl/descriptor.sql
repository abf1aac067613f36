-- Files of message types that the owner has registered.
CREATE TABLE idpsync.descriptor (
    name text COLLATE "C" NOT NULL,
    file bytea NOT NULL,
    CONSTRAINT descriptor_pkey PRIMARY KEY (name)
);
COMMENT ON TABLE idpsync.descriptor IS 'message types that are shown field by field, stored by idpsync.register_descriptors()';
COMMENT ON COLUMN idpsync.descriptor.name IS 'name of the .proto file';
COMMENT ON COLUMN idpsync.descriptor.file IS 'google.protobuf.FileDescriptorProto, serialized';
-- for each row, since logical replication fires no trigger for each statement of INSERT and its like
CREATE TRIGGER descriptor_changed
    AFTER INSERT OR UPDATE OR DELETE ON idpsync.descriptor
    FOR EACH ROW EXECUTE FUNCTION idpsync.store_setting_changed();
CREATE TRIGGER descriptor_truncated
    AFTER TRUNCATE ON idpsync.descriptor
    FOR EACH STATEMENT EXECUTE FUNCTION idpsync.store_setting_changed();
ALTER TABLE idpsync.descriptor ENABLE ALWAYS TRIGGER descriptor_changed;
ALTER TABLE idpsync.descriptor ENABLE ALWAYS TRIGGER descriptor_truncated;
COMMENT ON TRIGGER descriptor_changed ON idpsync.descriptor IS 'makes every backend read the types anew';
COMMENT ON TRIGGER descriptor_truncated ON idpsync.descriptor IS 'makes every backend read the types anew';
