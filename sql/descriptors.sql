-- register_descriptors(): a team's own messages field by field
SET search_path = '';
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned

-- a FileDescriptorSet as protoc writes it, of this file:
--   syntax = "proto3";  package example.team;
--   enum Color { option allow_alias = true; COLOR_UNSPECIFIED = 0; RED = 1; CRIMSON = 1; BLUE = -5; }
--   message Progress {
--     message Step { string name = 1; double share = 2; Step next = 3; }
--     string title = 1;  int64 total_count = 2;  Color color = 3;  repeated int32 numbers = 4;
--     repeated sint64 unpacked_numbers = 5 [packed = false];  repeated string names = 6;  repeated bytes blobs = 7;
--     repeated Step steps = 8;  map<string, int64> counts = 9;  map<int32, Step> by_number = 10;  map<bool, Color> flags = 11;
--     oneof outcome { string text = 12; Step step = 13; bool quick = 14; }  optional int32 maybe = 15;
--     google.protobuf.Timestamp at = 16;  google.protobuf.Any any = 17;  google.protobuf.Value free = 18;
--     google.protobuf.Int64Value wrapped = 19;  fixed32 f32 = 20;  sfixed64 sf64 = 21;  float fl = 22;  uint64 u64 = 23;
--     bool yes = 24;  bytes data = 25;  repeated Color colors = 26;  repeated bool bools = 27;  repeated double doubles = 28; }
CREATE TABLE test.team AS SELECT pg_catalog.decode('
    0a920c0a0a7465616d2e70726f746f120c6578616d706c652e7465616d1a19676f6f676c652f70726f746f6275662f616e792e70726f746f1a1f676f6f676c652f70726f746f6275662f74696d657374616d702e70726f746f1a1c676f6f676c652f7072
    6f746f6275662f7374727563742e70726f746f1a1e676f6f676c652f70726f746f6275662f77726170706572732e70726f746f22a60a0a0850726f677265737312140a057469746c6518012001280952057469746c65121f0a0b746f74616c5f636f756e
    74180220012803520a746f74616c436f756e7412290a05636f6c6f7218032001280e32132e6578616d706c652e7465616d2e436f6c6f725205636f6c6f7212180a076e756d6265727318042003280552076e756d62657273122d0a10756e7061636b6564
    5f6e756d6265727318052003281242021000520f756e7061636b65644e756d6265727312140a056e616d657318062003280952056e616d657312140a05626c6f627318072003280c5205626c6f627312310a05737465707318082003280b321b2e657861
    6d706c652e7465616d2e50726f67726573732e5374657052057374657073123a0a06636f756e747318092003280b32222e6578616d706c652e7465616d2e50726f67726573732e436f756e7473456e7472795206636f756e747312410a0962795f6e756d
    626572180a2003280b32242e6578616d706c652e7465616d2e50726f67726573732e42794e756d626572456e747279520862794e756d62657212370a05666c616773180b2003280b32212e6578616d706c652e7465616d2e50726f67726573732e466c61
    6773456e7472795205666c61677312140a0474657874180c20012809480052047465787412310a0473746570180d2001280b321b2e6578616d706c652e7465616d2e50726f67726573732e53746570480052047374657012160a05717569636b180e2001
    280848005205717569636b12190a056d61796265180f20012805480152056d61796265880101122a0a02617418102001280b321a2e676f6f676c652e70726f746f6275662e54696d657374616d705202617412260a03616e7918112001280b32142e676f
    6f676c652e70726f746f6275662e416e795203616e79122a0a046672656518122001280b32162e676f6f676c652e70726f746f6275662e56616c756552046672656512350a077772617070656418132001280b321b2e676f6f676c652e70726f746f6275
    662e496e74363456616c756552077772617070656412100a03663332181420012807520366333212120a0473663634181520012810520473663634120e0a02666c1816200128025202666c12100a03753634181720012804520375363412100a03796573
    181820012808520379657312120a046461746118192001280c520464617461122b0a06636f6c6f7273181a2003280e32132e6578616d706c652e7465616d2e436f6c6f725206636f6c6f727312140a05626f6f6c73181b200328085205626f6f6c731218
    0a07646f75626c6573181c200328015207646f75626c65731a610a045374657012120a046e616d6518012001280952046e616d6512140a05736861726518022001280152057368617265122f0a046e65787418032001280b321b2e6578616d706c652e74
    65616d2e50726f67726573732e5374657052046e6578741a390a0b436f756e7473456e74727912100a036b657918012001280952036b657912140a0576616c7565180220012803520576616c75653a0238011a580a0d42794e756d626572456e74727912
    100a036b657918012001280552036b657912310a0576616c756518022001280b321b2e6578616d706c652e7465616d2e50726f67726573732e53746570520576616c75653a0238011a4d0a0a466c616773456e74727912100a036b657918012001280852
    036b657912290a0576616c756518022001280e32132e6578616d706c652e7465616d2e436f6c6f72520576616c75653a02380142090a076f7574636f6d6542080a065f6d617962652a4b0a05436f6c6f7212150a11434f4c4f525f554e53504543494649
    4544100012070a035245441001120b0a074352494d534f4e100112110a04424c554510fbffffffffffffffff011a021001620670726f746f33', 'hex') AS set;
\set url types.example.com/example.team.Progress

-- not known yet: fields are kept as JSON, bytes are shown as base64
SELECT idpsync.to_json(idpsync.protobuf_any(:'url', '\x0a0178'));
SELECT idpsync.from_json(json_build_object('@type', :'url', 'title', 'x'));
SELECT idpsync.register_descriptors(set) FROM test.team;
SELECT name, pg_catalog.length(file) FROM idpsync.descriptor;

-- every kind of field, there and back; the type's own text does not depend on the store
SELECT idpsync.from_json((pg_catalog.jsonb '{"title": "x", "totalCount": "5", "color": "BLUE", "numbers": [1, -2, "300"], "unpacked_numbers": ["-5", 6],
    "names": ["a", "é"], "blobs": ["AQI="], "steps": [{"name": "s", "share": 0.5, "next": {"name": "n"}}, {}], "counts": {"a": "1", "b": 0},
    "byNumber": {"-7": {"name": "seven"}}, "flags": {"true": "BLUE", "false": 0}, "step": {}, "maybe": 0, "at": "2026-01-01T00:00:00.123456789Z",
    "any": {"@type": "x/example.team.Progress.Step", "name": "in any"}, "free": null, "wrapped": "3", "f32": 4294967295, "sf64": "-1", "fl": 1.5,
    "u64": "18446744073709551615", "yes": true, "data": "3q0=", "colors": ["BLUE", 77], "bools": [true, false], "doubles": [1, "NaN", 2.5]}'
    || jsonb_build_object('@type', :'url'))::json) AS message \gset
SELECT :'message'::idpsync.protobuf_any;
SELECT idpsync.to_json(:'message'::idpsync.protobuf_any);
SELECT idpsync.from_json(idpsync.to_json(:'message'::idpsync.protobuf_any)) OPERATOR(idpsync.=) :'message' AS same;
SELECT :'message'::idpsync.protobuf_any::json ->> 'title' AS by_the_cast;
-- as deep as messages may be, beside an Any, which is one by itself
SELECT levels, test.refused(format('SELECT idpsync.from_json(%L)', '{"@type": "' || :'url' || '", "any": {"@type": "x/google.protobuf.Empty"}, "free": ' || repeat('{"a": ', levels) || '1' || repeat('}', levels + 1))) ~ 'nested too deeply' AS too_deep
FROM unnest('{32,33}'::int[]) AS levels;
-- a map's entry may lack its key or value, and the last of a key counts; a field of another wire type is unknown
SELECT bytes, idpsync.to_json(idpsync.protobuf_any(:'url', bytes::bytea)) FROM (VALUES ('\x'), ('\x18017201'), ('\x1801'), ('\x7000'), ('\x70006200'), ('\x20012002'), ('\x220301020328ff0f'),
    ('\x4a00'), ('\x4a030a0161'), ('\x4a050a01611000'), ('\x5200'), ('\xf8ff0701'),
    ('\x4a050a016110014a050a016210024a050a01611003'), ('\x520208015206080112020a005203088110520408011200520708810012020a00'), ('\x5a0208015a0408001001'), ('\x08010a0178'), ('\x10021201ff')) AS b (bytes);
-- compiled in types and types that nobody knows are as ever
SELECT idpsync.to_json(idpsync.from_json('{"@type": "types.example.com/standard/id", "id": 1234}'));
SELECT idpsync.to_json(idpsync.from_json('{"@type": "type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.HeartbeatMetadata", "sessionId": "s"}'));
-- documents that are no such message
SELECT test.refused(format('SELECT idpsync.from_json(%L)', (fields::jsonb || jsonb_build_object('@type', :'url')))) FROM (VALUES ('{"x": 1}'), ('{"numbers": [1, null]}'), ('{"numbers": 1}'), ('{"numbers": [2147483648]}'),
    ('{"counts": []}'), ('{"counts": {"a": null}}'), ('{"counts": {"a": "x"}}'), ('{"byNumber": {"x": {}}}'), ('{"flags": {"yes": 1}}'), ('{"color": "GREEN"}'),
    ('{"text": "a", "quick": true}'), ('{"byNumber": {"1": {}, "1.0": 5}}'), ('{"byNumber": {"1": {}, "2": {}, "1.0": {}}}'), ('{"flags": {"TRUE": 1}}'), ('{"any": {"@type": "x/unknown", "a": 1}}')) AS f (fields);

-- the view, call_json() and other sessions show them
SELECT operation_id FROM idpsync.create_operation('descriptors', 'Import', metadata => idpsync.from_json(json_build_object('@type', :'url', 'title', 'half way', 'counts', pg_catalog.json '{"users": 12}'))) \gset
SELECT metadata FROM idpsync.operations WHERE tenant_id = 'descriptors';
SELECT idpsync.call_json('/google.longrunning.Operations/GetOperation', json_build_object('name', 'operations/' || :'operation_id')) -> 'metadata' AS metadata;
SELECT metadata FROM idpsync.operation WHERE tenant_id = 'descriptors';
\c -
SET search_path = '';
SELECT metadata FROM idpsync.operations WHERE tenant_id = 'descriptors';
BEGIN;
DELETE FROM idpsync.descriptor;
SELECT metadata FROM idpsync.operations WHERE tenant_id = 'descriptors';
ROLLBACK;
-- a file that was damaged by hand: nothing shows types until it is mended, which check_store() tells
BEGIN;
UPDATE idpsync.descriptor SET file = pg_catalog.substr(file, 1, 20);
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
ROLLBACK;
SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok;
-- triggers fire for replicas too
SELECT tgrelid::pg_catalog.regclass, tgname FROM pg_catalog.pg_trigger WHERE tgfoid = 'idpsync.store_setting_changed'::pg_catalog.regproc AND tgenabled = 'A' ORDER BY 2;
SELECT metadata FROM idpsync.operations WHERE tenant_id = 'descriptors';

-- descriptors that describe nothing
SELECT problem, test.refused(format('SELECT idpsync.register_descriptors(%L)', bytes)) AS answer FROM (VALUES
    ('a type that is not described', '\x0a2e0a07662e70726f746f120362616422160a014d12110a016118012001280b32062e6261642e4e620670726f746f33'),
    ('an enum where a message is named', '\x0a2e0a07662e70726f746f120362616422160a014d12110a016118012001280e32062e6261642e4d620670726f746f33'),
    ('a type twice', '\x0a200a07662e70726f746f120362616422030a014d22030a014d620670726f746f33'),
    ('a type in two files', '\x0a1b0a07662e70726f746f120362616422030a014d620670726f746f330a1b0a07672e70726f746f120362616422030a014d620670726f746f33'),
    ('a field number twice', '\x0a310a07662e70726f746f120362616422190a014d12090a016118012001280812090a0162180120012808620670726f746f33'),
    ('a field number out of range', '\x0a2a0a07662e70726f746f120362616422120a014d120d0a016118808080800220012808620670726f746f33'),
    ('a group', '\x0a2e0a07662e70726f746f120362616422160a014d12110a016118012001280a32062e6261642e4d620670726f746f33'),
    ('a required field', '\x0a260a07662e70726f746f1203626164220e0a014d12090a0161180120022808620670726f746f33'),
    ('a oneof there is not', '\x0a280a07662e70726f746f120362616422100a014d120b0a01611801200128084800620670726f746f33'),
    ('no entry of a map', '\x0a3b0a07662e70726f746f120362616422230a014d120b0a036b6579180120012802120d0a0576616c75651802200128083a023801620670726f746f33'),
    ('an enum without values', '\x0a1b0a07662e70726f746f12036261642a030a0145620670726f746f33'),
    ('a message without a name', '\x0a180a07662e70726f746f12036261642200620670726f746f33'),
    ('a file without a name', '\x0a08620670726f746f33'),
    ('a package that is no name', '\x0a1b0a07702e70726f746f120361226222030a014d620670726f746f33'), ('half a package', '\x0a1a0a07702e70726f746f1202612e22030a014d620670726f746f33'),
    ('a package that begins with a dot', '\x0a1a0a07702e70726f746f12022e6122030a014d620670726f746f33'),
    ('a file of proto2', '\x0a150a07662e70726f746f120362616422030a014d6200'),
    ('two names that JSON shows alike', '\x0a340a07662e70726f746f1203626164221c0a014d120b0a03615f62180120012808120a0a026142180220012808620670726f746f33'),
    ('a JSON name that is another field''s name', '\x0a370a07662e70726f746f1203626164221f0a014d120c0a0161180120012808520162120c0a0162180220012808520163620670726f746f33'),
    ('two fields of one name', '\x0a310a07662e70726f746f120362616422190a014d12090a016118012001280812090a0161180220012808620670726f746f33'),
    ('no JSON name', '\x0a280a07662e70726f746f120362616422100a014d120b0a01611801200128085200620670726f746f33'),
    ('a JSON name that an Any needs', '\x0a2d0a07662e70726f746f120362616422150a014d12100a016118012001280852054074797065620670726f746f33'),
    ('a type that is compiled in', '\x0a360a07652e70726f746f120f676f6f676c652e70726f746f62756622120a05456d70747912090a0161180120012808620670726f746f33'),
    ('no message', '\x0a'), ('nothing', '\x')) AS d (problem, bytes);
SELECT idpsync.to_json(idpsync.from_json('{"@type": "x/google.protobuf.Empty"}'));
-- truncated and flipped ones: refused, or good enough to read messages with
SET client_min_messages = warning;
CREATE FUNCTION test.register(bytes bytea, message idpsync.protobuf_any) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM idpsync.register_descriptors(bytes);
    PERFORM idpsync.from_json(idpsync.to_json(message));
    RAISE 'registered' USING ERRCODE = '22000';
EXCEPTION WHEN OTHERS THEN
    RETURN CASE WHEN SQLSTATE ~ '^22' THEN '22' ELSE SQLSTATE || ' ' || SQLERRM END;
END $$;
DELETE FROM idpsync.descriptor;
SELECT test.register(pg_catalog.substr(set, 1, n), :'message') AS truncated, pg_catalog.count(*) FROM test.team, pg_catalog.generate_series(0, pg_catalog.length(set) - 1) AS n GROUP BY 1;
SELECT test.register(pg_catalog.set_bit(set, n, 1 - pg_catalog.get_bit(set, n)), :'message') AS flipped, pg_catalog.count(*)
FROM test.team, pg_catalog.generate_series(0, pg_catalog.length(set) * 8 - 1, 3) AS n GROUP BY 1;
RESET client_min_messages;
SELECT pg_catalog.count(*) FROM idpsync.descriptor;
SELECT idpsync.delete_operation(:'operation_id') IS NOT NULL AS deleted;

-- a message whose field is called value (acme.Setting): the key is the field, and bytes that are none go by "@value"
BEGIN;
SELECT idpsync.register_descriptors('\x0a310a0773657474696e67120461636d6522180a0753657474696e67120d0a0576616c7565180120012809620670726f746f33') > 0 AS known;
SELECT idpsync.to_json(a), idpsync.value(idpsync.from_json(idpsync.to_json(a))) = idpsync.value(a) AS same
FROM (VALUES (idpsync.protobuf_any('x/acme.Setting', '\x0a0451554a44')), (idpsync.protobuf_any('x/acme.Setting', '\xffff'))) AS v (a);
SELECT idpsync.value(idpsync.from_json('{"@type": "x/acme.Setting", "value": "hello"}'));
ROLLBACK;
-- names that are no identifiers would need escapes wherever they are shown
SELECT test.refused($$SELECT idpsync.register_descriptors(pg_catalog.decode(pg_catalog.replace(
    '0a310a0773657474696e67120461636d6522180a0753657474696e67120d0a0576616c7565180120012809620670726f746f33', '76616c7565', '7661226c65'), 'hex'))$$);

-- files that are not proto3: their types are left out, and nobody can refer to them
BEGIN;
--   old.proto, proto2: package example.old;  message Old { required string a = 1;  enum Kind { ONE = 1; }  message In { } }
--   alone.proto, proto3: package example.alone;  message Alone { string a = 1; }
SELECT idpsync.register_descriptors(pg_catalog.decode('
    0a440a096f6c642e70726f746f120b6578616d706c652e6f6c64222a0a034f6c64120c0a01611801200228095201611a040a02496e220f0a044b696e6412070a034f4e4510010a3b0a0b616c6f6e652e70726f746f120d6578616d706c652e616c6f6e65
    22150a05416c6f6e65120c0a0161180120012809520161620670726f746f33', 'hex')) - registered AS added
FROM (SELECT idpsync.register_descriptors('\x') AS registered) AS before;
SELECT idpsync.to_json(idpsync.protobuf_any('x/example.old.Old', '\x0a0178')), idpsync.to_json(idpsync.protobuf_any('x/example.alone.Alone', '\x0a0178'));
ROLLBACK;
--   new.proto, proto3: package example.new;  message New { example.old.Old.In old = 1; }
SELECT test.refused($$SELECT idpsync.register_descriptors(pg_catalog.decode('
    0a440a096f6c642e70726f746f120b6578616d706c652e6f6c64222a0a034f6c64120c0a01611801200228095201611a040a02496e220f0a044b696e6412070a034f4e4510010a590a096e65772e70726f746f120b6578616d706c652e6e65771a096f6c
    642e70726f746f222c0a034e657712250a036f6c6418012001280b32132e6578616d706c652e6f6c642e4f6c642e496e52036f6c64620670726f746f33', 'hex'))$$);

-- rows that were stored by hand are checked when they are read: an enum of a file without a name, and who refers to it
BEGIN;
INSERT INTO idpsync.descriptor VALUES ('old', '\x120b6578616d706c652e6f6c642a100a044b696e6412080a045a45524f1000620670726f746f32'),
    ('new', '\x0a07722e70726f746f120b6578616d706c652e6e657722210a014d121c0a016b18012001280e32112e6578616d706c652e6f6c642e4b696e64620670726f746f33');
SELECT idpsync.to_json(idpsync.protobuf_any('x/example.new.M', '\x0801'));
ROLLBACK;

--   syntax = "proto3";  package example.names;
--   enum Level { LEVEL_UNSPECIFIED = 0; HIGHEST = 2147483647; LOWEST = -2147483648; NEXT = 2147483646; }
--   message Names {
--     string file_name = 1 [json_name = "file \"name\""];  string other_text = 2 [json_name = "value"];  repeated Level levels = 3;
--     map<uint64, google.protobuf.Timestamp> at = 4;  map<string, google.protobuf.Value> free = 5;  double share = 6;  float part = 7;
--     google.protobuf.Struct object = 8; }
BEGIN;
SELECT idpsync.register_descriptors(pg_catalog.decode('
    0a8b050a0b6e616d65732e70726f746f120d6578616d706c652e6e616d65731a1f676f6f676c652f70726f746f6275662f74696d657374616d702e70726f746f1a1c676f6f676c652f70726f746f6275662f7374727563742e70726f746f22d1030a054e
    616d6573121e0a0966696c655f6e616d65180120012809520b66696c6520226e616d652212190a0a6f746865725f74657874180220012809520576616c7565122c0a066c6576656c7318032003280e32142e6578616d706c652e6e616d65732e4c657665
    6c52066c6576656c73122c0a02617418042003280b321c2e6578616d706c652e6e616d65732e4e616d65732e4174456e7472795202617412320a046672656518052003280b321e2e6578616d706c652e6e616d65732e4e616d65732e46726565456e7472
    7952046672656512140a0573686172651806200128015205736861726512120a0470617274180720012802520470617274122f0a066f626a65637418082001280b32172e676f6f676c652e70726f746f6275662e53747275637452066f626a6563741a51
    0a074174456e74727912100a036b657918012001280452036b657912300a0576616c756518022001280b321a2e676f6f676c652e70726f746f6275662e54696d657374616d70520576616c75653a0238011a4f0a0946726565456e74727912100a036b65
    7918012001280952036b6579122c0a0576616c756518022001280b32162e676f6f676c652e70726f746f6275662e56616c7565520576616c75653a0238012a520a054c6576656c12150a114c4556454c5f554e5350454349464945441000120f0a074849
    474845535410ffffffff0712130a064c4f574553541080808080f8ffffffff01120c0a044e45585410feffffff07620670726f746f33', 'hex')) > 0 AS known;
\set url x/example.names.Names
-- JSON names of their own are written, and read like the field's; "value" is a field here, and base64 goes by "@value"
SELECT idpsync.to_json(a), idpsync.value(idpsync.from_json(idpsync.to_json(a))) = idpsync.value(a) AS same
FROM (VALUES (idpsync.protobuf_any(:'url', '\x0a01781201796a')), (idpsync.protobuf_any(:'url', '\x0a0178120179')), (idpsync.protobuf_any(:'url', '\x120451554a44'))) AS v (a);
SELECT idpsync.value(idpsync.from_json(json_build_object('@type', :'url', 'file_name', 'x', 'other_text', 'y')));
SELECT test.refused(format('SELECT idpsync.from_json(%L)', json_build_object('@type', :'url', key, 'x', 'levels', pg_catalog.json '[]'))) FROM (VALUES ('fileName'), ('otherText')) AS k (key);
SELECT test.refused(format('SELECT idpsync.from_json(%L)', json_build_object('@type', :'url', 'value', 'x', 'other_text', 'x')));
-- the largest and the least number of an enum have names
SELECT idpsync.to_json(idpsync.from_json(json_build_object('@type', :'url', 'levels', pg_catalog.json '["HIGHEST", 2147483647, -2147483648, 2147483646, "LOWEST", 2147483645, 0]')));
-- keys are compared by value, and a missing value is the default one where there is one
SELECT idpsync.to_json(idpsync.from_json(json_build_object('@type', :'url', 'at', pg_catalog.json '{"18446744073709551615": "2026-01-01T00:00:00Z", "1e2": "2026-01-01T00:00:00Z"}')));
SELECT test.refused(format('SELECT idpsync.from_json(%L)', json_build_object('@type', :'url', 'at', pg_catalog.json '{"100": "2026-01-01T00:00:00Z", "1e2": "2026-01-01T00:00:00Z"}')));
SELECT test.refused(format('SELECT idpsync.from_json(%L)', json_build_object('@type', :'url', 'free', pg_catalog.json '{"a": 1, "b": null, "\u0061": 3}')));
SELECT bytes, idpsync.to_json(idpsync.protobuf_any(:'url', bytes::bytea)) FROM (VALUES ('\x22020801'), ('\x2a020a00'), ('\x42120a070a016112022000' || '0a070a016112022001')) AS b (bytes);
-- a negative zero is no default
SELECT idpsync.from_json(json_build_object('@type', :'url', 'share', pg_catalog.json '-0.0', 'part', pg_catalog.json '-0')) AS message \gset
SELECT idpsync.value(:'message'), idpsync.to_json(:'message'::idpsync.protobuf_any);
SELECT idpsync.value(idpsync.from_json(json_build_object('@type', :'url', 'share', 0, 'part', pg_catalog.json '0.0')));
ROLLBACK;
SELECT pg_catalog.json '{"@type": "type.googleapis.com/google.protobuf.DoubleValue", "value": -0.0}'::idpsync.protobuf_any;
--   syntax = "proto3";  package example.nulls;
--   enum Size { option allow_alias = true; SIZE_UNSPECIFIED = 0; WIDE = 1; BROAD = 1; AMPLE = 1; }
--   message Nulls {
--     google.protobuf.NullValue one = 1;  oneof kind { google.protobuf.NullValue nothing = 2; string text = 3; }
--     repeated google.protobuf.NullValue many = 4;  map<string, google.protobuf.NullValue> named = 5;  float part = 6;  Size size = 7; }
BEGIN;
SELECT idpsync.register_descriptors(pg_catalog.decode('
    0a540a1c676f6f676c652f70726f746f6275662f7374727563742e70726f746f120f676f6f676c652e70726f746f6275662a1b0a094e756c6c56616c7565120e0a0a4e554c4c5f56414c55451000620670726f746f330a8c040a0b6e756c6c732e70726f
    746f120d6578616d706c652e6e756c6c731a1c676f6f676c652f70726f746f6275662f7374727563742e70726f746f2285030a054e756c6c73122c0a036f6e6518012001280e321a2e676f6f676c652e70726f746f6275662e4e756c6c56616c75655203
    6f6e6512360a076e6f7468696e6718022001280e321a2e676f6f676c652e70726f746f6275662e4e756c6c56616c7565480052076e6f7468696e6712140a04746578741803200128094800520474657874122e0a046d616e7918042003280e321a2e676f
    6f676c652e70726f746f6275662e4e756c6c56616c756552046d616e7912350a056e616d656418052003280b321f2e6578616d706c652e6e756c6c732e4e756c6c732e4e616d6564456e74727952056e616d656412120a04706172741806200128025204
    7061727412270a0473697a6518072001280e32132e6578616d706c652e6e756c6c732e53697a65520473697a651a540a0a4e616d6564456e74727912100a036b657918012001280952036b657912300a0576616c756518022001280e321a2e676f6f676c
    652e70726f746f6275662e4e756c6c56616c7565520576616c75653a02380142060a046b696e642a400a0453697a6512140a1053495a455f554e535045434946494544100012080a0457494445100112090a0542524f4144100112090a05414d504c4510
    011a021001620670726f746f33', 'hex')) > 0 AS known;
\set url x/example.nulls.Nulls
-- NullValue is null, and null is a value of its fields; it has a name too
SELECT idpsync.to_json(a), idpsync.value(a) FROM (SELECT idpsync.from_json((fields::jsonb || jsonb_build_object('@type', :'url'))::json) AS a
    FROM (VALUES ('{"one": null, "nothing": null, "many": [null, "NULL_VALUE", 0, 7], "named": {"a": null}}'), ('{"nothing": "NULL_VALUE"}'), ('{"text": null}')) AS f (fields)) AS v;
SELECT test.refused(format('SELECT idpsync.from_json(%L)', json_build_object('@type', :'url', 'nothing', NULL, 'text', '')));
-- every NaN is one to people; of an enum's names for one number the first is shown, and each is read
SELECT idpsync.to_json(idpsync.protobuf_any(:'url', bytes::bytea)) FROM (VALUES ('\x350000c07f'), ('\x350100c0ff'), ('\x3801')) AS b (bytes);
SELECT idpsync.value(idpsync.from_json(json_build_object('@type', :'url', 'size', name))) FROM (VALUES ('WIDE'), ('BROAD'), ('AMPLE')) AS n (name);
ROLLBACK;
-- field masks
SELECT idpsync.value(a), a FROM (SELECT format('{"@type": "x/google.protobuf.FieldMask", "value": %s}', paths)::idpsync.protobuf_any AS a FROM (VALUES ('"user.displayName,photo"'), ('""'), ('"a"')) AS p (paths)) AS m;
SELECT test.refused(format('SELECT %L::idpsync.protobuf_any', format('{"@type": "x/google.protobuf.FieldMask", "value": %s}', paths))) FROM (VALUES ('"a,"'), ('",a"'), ('"display_name"'), ('["a"]'), ('null')) AS p (paths);
SELECT idpsync.protobuf_any('x/google.protobuf.FieldMask', '\x0a00'), idpsync.to_json(idpsync.protobuf_any('x/google.protobuf.FieldMask', '\x0a00'));

-- all files together have a limit: files of one field that nobody knows
CREATE FUNCTION test.varint(n int) RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT set_byte(set_byte(set_byte(set_byte('\x00000000', 0, n & 127 | 128), 1, n >> 7 & 127 | 128), 2, n >> 14 & 127 | 128), 3, n >> 21)
$$;
CREATE FUNCTION test.file(name text, len int) RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT '\x0a' || test.varint(len) || '\x0a01' || convert_to(name, 'UTF8') || '\xa206' || test.varint(len - 9) || decode(repeat('00', len - 9), 'hex')
$$;
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT idpsync.register_descriptors(test.file('a', 8388608)) = idpsync.register_descriptors(test.file('b', 8388608)) AS fit;
SELECT pg_catalog.sum(pg_catalog.length(file)) FROM idpsync.descriptor;
SELECT test.refused($$SELECT idpsync.register_descriptors(test.file('b', 8388609))$$);
SELECT pg_catalog.sum(pg_catalog.length(file)) FROM idpsync.descriptor;
ROLLBACK;
DROP FUNCTION test.file(text, int);
DROP FUNCTION test.varint(int);

-- a name with a slash and nothing before it is no name
SELECT test.refused($$SELECT idpsync.call_json('/google.longrunning.Operations/GetOperation', '{"name": "/operations/op_1"}')$$);
DROP FUNCTION test.register(bytea, idpsync.protobuf_any);
DROP TABLE test.team;
