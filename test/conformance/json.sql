-- Each message as ProtoJSON and back; "raw" where the JSON does not tell its fields.
SET client_min_messages = warning;
CREATE TEMP TABLE message (name text, type text, bytes text);
\copy message FROM pstdin
CREATE TEMP TABLE again AS
SELECT name, 'x' || encode(idpsync.value(json::idpsync.protobuf_any), 'hex') AS bytes,
       CASE WHEN jsonb (json) ? CASE WHEN type LIKE 'google.protobuf.%' AND type <> 'google.protobuf.Empty' THEN '@value' ELSE 'value' END THEN 'raw' ELSE 'fields' END AS form,
       json
FROM message, LATERAL (SELECT idpsync.protobuf_any('type.googleapis.com/' || type, decode(bytes, 'hex'))::json) AS j (json);
\copy again TO pstdout
