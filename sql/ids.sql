-- ids: a prefix and 26 characters that sort by the time they carry
SET search_path = '';
SET datestyle = ISO;
SET intervalstyle = postgres;
SET timezone = 'UTC';
\pset format unaligned

SELECT idpsync.create_id('ses_') ~ '^ses_[0-9a-v]{26}$' AS form, idpsync.create_id('ses_') <> idpsync.create_id('ses_') AS unique;
SELECT prefix, idpsync.create_id(prefix) ~ ('^' || prefix || '[0-9a-v]{26}$') AS form
FROM unnest(ARRAY['a_', 'sync_', 'op_', 'abcdefghijklmn9_']) AS prefix;
-- they carry their time in whole milliseconds, cut off
SELECT at, idpsync.id_time(idpsync.create_id('op_', at)) AS carried
FROM unnest(ARRAY['1970-01-01 00:00:00', '1970-01-01 00:00:00.000999', '2022-04-13 06:10:26.123999', '1999-12-31 23:59:59.9999',
                  '2038-01-19 03:14:08', '10889-08-02 05:31:50.655']::timestamptz[]) AS at;
SELECT abs(extract(epoch FROM clock_timestamp() - idpsync.id_time(idpsync.create_id('op_')))) < 60 AS by_the_clock;
-- a million would do, 1000 show it: none twice, and in the order of their times
SELECT count(DISTINCT id) AS ids, bool_and(id >= before) AS in_order
FROM (SELECT id COLLATE "C", lag(id) OVER (ORDER BY n) COLLATE "C" AS before
      FROM (SELECT n, idpsync.create_id('op_', '2020-01-01'::timestamptz + n * interval '1 millisecond') AS id FROM generate_series(1, 1000) AS n) AS i) AS o;
SELECT count(DISTINCT idpsync.create_id('op_', '2020-01-01')) AS ids_of_one_millisecond FROM generate_series(1, 1000);
-- the UUIDv7 that RFC 9562 shows, 017F22E2-79B0-7CC3-98C4-DC0C0C07398F
SELECT idpsync.id_time('op_05vi5ojpm1uc7664rg60o1pphs');

-- what is no id of ours carries no time
SELECT id, idpsync.id_time(id) AS time FROM unnest(ARRAY[
    '', 'op_', 'elsewhere', 'sync_0000347vjovtcf41li0fgsd98gn24q9njxxxxx', 'ses_05vi5ojpm1uc7664rg60o1pph', 'ses_05vi5ojpm1uc7664rg60o1pphs0',
    'ses_05vi5ojpm1uc7664rg60o1pphw', 'ses_05VI5OJPM1UC7664RG60O1PPHS', '05vi5ojpm1uc7664rg60o1pphs', '_05vi5ojpm1uc7664rg60o1pphs',
    '9_05vi5ojpm1uc7664rg60o1pphs', 'Op_05vi5ojpm1uc7664rg60o1pphs', 'ö_05vi5ojpm1uc7664rg60o1pphs', E'op_05vi5ojpm1uc7664rg60o1pphs\n',
    'abcdefghijklmno9_05vi5ojpm1uc7664rg60o1pphs']) AS id;
-- every character that is changed to one outside the alphabet makes it another's, and so does each that is missing
SELECT count(*) AS refused, sum((idpsync.id_time(overlay(id PLACING 'w' FROM n FOR 1)) IS NULL)::int) AS other_digit,
       sum((idpsync.id_time(left(id, n - 1) || substr(id, n + 1)) IS NULL)::int) AS one_less
FROM (VALUES ('op_05vi5ojpm1uc7664rg60o1pphs')) AS v (id), generate_series(4, 29) AS n;
-- the bits that say version 7 and variant 2, and those past the 128th
SELECT id, idpsync.id_time(id) IS NOT NULL AS ours FROM unnest(ARRAY[
    'op_05vi5ojpm1uc7664rg60o1pphs', 'op_05vi5ojpm16c7664rg60o1pphs', 'op_05vi5ojpm1uc7m64rg60o1pphs', 'op_05vi5ojpm1uc7664rg60o1pphp']) AS id;

SELECT idpsync.create_id(NULL) AS no_prefix, idpsync.create_id('op_', NULL) AS no_time, idpsync.id_time(NULL) AS no_id;
SELECT prefix, test.refused(format('SELECT idpsync.create_id(%L)', prefix)) AS answer
FROM unnest(ARRAY['', '_', 'op', 'Op_', '1op_', 'o-p_', 'o_p_', 'ö_', 'op_ ', 'abcdefghijklmnop_']) AS prefix;
SELECT at, test.refused(format('SELECT idpsync.create_id(''op_'', %L)', at)) AS answer
FROM unnest(ARRAY['1969-12-31 23:59:59.999+00', 'infinity', '-infinity', '10889-08-02 05:31:50.656+00', '294276-12-31 23:59:59+00', '4713-01-01 00:00:00+00 BC']) AS at;
