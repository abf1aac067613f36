# Stores are filled and compared: their rows, and everything the catalog says of them.
package IdpsyncStores;
use strict;
use warnings;
use Exporter 'import';
use FindBin;
use PostgreSQL::Test::Utils;

our @EXPORT_OK = qw(fill_store make_store_1 store_rows store_structure store_faults extension_members differences);

# Puts every kind of row there is into a store.
sub fill_store {
    my ($node, $database) = @_;
    return $node->safe_psql($database, slurp_file("$FindBin::Bin/data/fill.sql"));
}

# Makes the extension and the store of idpsync 0.1.0, whatever the library is.
sub make_store_1 {
    my ($node, $database) = @_;
    return $node->safe_psql($database, "CREATE EXTENSION idpsync VERSION '0.1.0';\n" . slurp_file("$FindBin::Bin/data/store_1.sql"));
}

# One line for each table, with a hash over its rows: as text, or as another expression over row t.
sub store_rows {
    my ($node, $database, $expression) = @_;
    $expression = ($expression // 't::text') =~ s/'/''/gr;
    return $node->safe_psql($database, <<"SQL");
SELECT format('SELECT %L, count(*), md5(string_agg($expression, E''\\n'' ORDER BY $expression COLLATE "C")) FROM ONLY %s AS t', c.oid::regclass, c.oid::regclass)
FROM pg_class AS c WHERE relnamespace = 'idpsync'::regnamespace AND relkind = 'r' ORDER BY c.oid::regclass::text COLLATE "C" \\gexec
SQL
}

# What is there, by name, a line an object: tables, views, columns, indexes, constraints, triggers, policies,
# domains, with their comments, owners and grants.
sub store_structure {
    my ($node, $database) = @_;
    return $node->safe_psql($database, <<'SQL');
CREATE FUNCTION pg_temp.line(definition text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(definition, '\s+', ' ', 'g') $$;
SELECT 'class', c.relname, c.relkind, pg_get_userbyid(c.relowner), (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(c.relacl) AS a),
       c.reloptions, c.relrowsecurity, c.relforcerowsecurity, pg_get_expr(c.relpartbound, c.oid),
       CASE WHEN c.relkind = 'v' THEN pg_temp.line(pg_get_viewdef(c.oid)) WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid) END,
       obj_description(c.oid, 'pg_class')
FROM pg_class AS c WHERE c.relnamespace = 'idpsync'::regnamespace ORDER BY c.relname COLLATE "C";
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation::regcollation, a.attstorage, a.attacl,
       pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'idpsync'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname COLLATE "C", a.attnum;
SELECT 'constraint', conrelid::regclass, contypid::regtype, conname, convalidated, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'idpsync'::regnamespace ORDER BY conrelid::regclass::text COLLATE "C", conname COLLATE "C";
SELECT 'trigger', tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(t.oid), obj_description(t.oid, 'pg_trigger')
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = tgrelid
WHERE c.relnamespace = 'idpsync'::regnamespace ORDER BY tgrelid::regclass::text COLLATE "C", tgname COLLATE "C";
SELECT 'policy', polrelid::regclass, polname, polcmd, polpermissive, (SELECT array_agg(pg_get_userbyid(r) ORDER BY 1) FROM unnest(polroles) AS r),
       pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid), obj_description(oid, 'pg_policy')
FROM pg_policy ORDER BY polrelid::regclass::text COLLATE "C", polname COLLATE "C";
SELECT 'domain', t.oid::regtype, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault, pg_get_userbyid(t.typowner), t.typacl, obj_description(t.oid, 'pg_type')
FROM pg_type AS t WHERE t.typnamespace = 'idpsync'::regnamespace AND t.typtype = 'd' ORDER BY t.typname COLLATE "C";
SELECT 'schema', nspname, pg_get_userbyid(nspowner), nspacl FROM pg_namespace WHERE nspname = 'idpsync';
SQL
}

# The lines that only one of two texts has, without the rest of a long structure.
sub differences {
    my ($got, $expected) = @_;
    my %got = map { $_ => 1 } split /\n/, $got;
    my %expected = map { $_ => 1 } split /\n/, $expected;
    return join "\n", (map { "+ $_" } grep { !$expected{$_} } sort keys %got), (map { "- $_" } grep { !$got{$_} } sort keys %expected);
}

# What check_store() finds wrong.
sub store_faults {
    my ($node, $database) = @_;
    return $node->safe_psql($database, 'SELECT check_name, detail FROM idpsync.check_store() WHERE NOT ok');
}

# The members of the extension, a line each: what they are, how they are declared, their comments and grants.
sub extension_members {
    my ($node, $database) = @_;
    return $node->safe_psql($database, <<'SQL');
CREATE TEMP VIEW member AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS name, obj_description(d.objid, d.classid::regclass::name) AS comment
FROM pg_depend AS d WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'idpsync');
SELECT name, comment FROM member ORDER BY name COLLATE "C";
SELECT name, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
       to_jsonb(p) - '{oid,pronamespace,proowner,proargtypes,proallargtypes,prorettype,proargdefaults,prolang}'::text[], proacl,
       (SELECT to_jsonb(a) - '{aggtranstype,aggmtranstype}'::text[] FROM pg_aggregate AS a WHERE a.aggfnoid = p.oid)
FROM member JOIN pg_proc AS p ON classid = 'pg_proc'::regclass AND objid = p.oid ORDER BY name COLLATE "C";
SELECT name, to_jsonb(t) - '{oid,typnamespace,typowner,typrelid,typelem,typarray,typbasetype}'::text[],
       (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)
FROM member JOIN pg_type AS t ON classid = 'pg_type'::regclass AND objid = t.oid ORDER BY name COLLATE "C";
SELECT name, oprcode, oprcom::regoperator, oprnegate::regoperator, oprrest, oprjoin, oprcanmerge, oprcanhash, oprresult::regtype
FROM member JOIN pg_operator AS o ON classid = 'pg_operator'::regclass AND objid = o.oid ORDER BY name COLLATE "C";
SELECT name, castfunc::regprocedure, castcontext, castmethod
FROM member JOIN pg_cast AS c ON classid = 'pg_cast'::regclass AND objid = c.oid ORDER BY name COLLATE "C";
SELECT name, amopstrategy, amopopr::regoperator FROM member JOIN pg_amop ON classid = 'pg_opfamily'::regclass AND objid = amopfamily ORDER BY name COLLATE "C", 2, 3;
SELECT name, amprocnum, amproc FROM member JOIN pg_amproc ON classid = 'pg_opfamily'::regclass AND objid = amprocfamily ORDER BY name COLLATE "C", 2, 3;
SQL
}

1;
