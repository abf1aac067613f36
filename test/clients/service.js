// What the bridge itself is responsible for: methods there are not, requests too long, callers who go
// away, connections that break, and those who wait.
const grpc = require('@grpc/grpc-js');
const { ok, is, scene } = require('./tap');

const HEARTBEAT = '/yandex.cloud.organizationmanager.v1.idp.SynchronizationSessionService/Heartbeat';
const LIST = '/google.longrunning.Operations/ListOperations';
const WAIT = '/google.longrunning.Operations/WaitOperation';

const field = (number, bytes) => Buffer.concat([Buffer.from([number << 3 | 2, bytes.length]), bytes]);
const text = (number, string) => field(number, Buffer.from(string));
const soon = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

module.exports = async function service(address, db, bridge) {
    const client = new grpc.Client(address, grpc.credentials.createInsecure());
    const asItIs = (bytes) => bytes;
    // The code that a call ends with, and the call itself.
    const call = (method, request, { headers = {}, ...options } = {}) => {
        const metadata = new grpc.Metadata();
        Object.entries(headers).forEach(([name, value]) => metadata.set(name, value));
        let running;
        const code = new Promise((resolve) => {
            running = client.makeUnaryRequest(method, asItIs, asItIs, request, metadata, options, (error) => resolve(error?.code ?? 0));
        });
        return { code, cancel: () => running.cancel() };
    };
    const backends = async () => (await db.query(`SELECT pid FROM pg_stat_activity
        WHERE application_name = 'grpc-bridge' AND state = 'active' AND query LIKE '%idpsync.call%'`)).rows.map(({ pid }) => pid);
    const until = async (condition) => {
        for (let i = 0; i < 100 && !await condition(); i++) await soon(100);
        return condition();
    };
    const { rows: [{ name }] } = await db.query(
        `SELECT 'operations/' || operation_id AS name FROM idpsync.create_operation('served', 'Work')`);
    const list = (options) => call(LIST, text(4, 'served/operations'), options).code;
    const wait = (seconds, options) => call(WAIT, Buffer.concat([text(1, name), field(2, Buffer.from([8, seconds]))]), options);

    await scene('what is no call', async () => {
        is(await call('/google.longrunning.Operations/NoSuch', Buffer.alloc(0)).code, 12, 'an unknown method: UNIMPLEMENTED');
        is(await call('/no.such.Service/Get', Buffer.alloc(0)).code, 12, 'an unknown service: UNIMPLEMENTED');
        is(await call('ListSynchronizationJobs', Buffer.alloc(0)).code > 0, true, 'actions are not served');
        is(await call(LIST, Buffer.from([0x22, 0x7f])).code, 3, 'a message cut short: INVALID_ARGUMENT');
        is(await call(HEARTBEAT, Buffer.concat([text(1, 'ses_x'), Buffer.from([0xff, 0xff, 0xff])])).code, 3, 'and random bytes');
        is(await call(HEARTBEAT, Buffer.alloc(1 << 21)).code, 8, '2 MiB: RESOURCE_EXHAUSTED');
        is(await call(HEARTBEAT, field(1, Buffer.from([0xc3, 0x28]))).code, 3, 'what is not UTF-8: INVALID_ARGUMENT');
        is(await call(LIST, Buffer.concat([text(4, 'served/operations'), Buffer.from([5 << 3, 1])])).code, 12,
            'return_partial_success, which no client above knows: UNIMPLEMENTED');
        is(await list({ headers: { 'x-caller': "'; DROP TABLE idpsync.operation; --" } }), 0, 'a caller with quotes is a name like any other');
        is(await list(), 0, 'and nothing has come to harm');
    });

    await scene('many at once', async () => {
        const codes = await Promise.all(Array.from({ length: 200 }, () => list()));
        is(codes.filter((code) => code !== 0), [], '200 calls over 10 connections');
    });

    await scene('those who wait do not keep others waiting', async () => {
        const waiting = [wait(60), wait(60), wait(60)]; // WAITING is 2 here
        ok(await until(async () => (await backends()).length === 2), 'two wait in the database');
        is(await list({ deadline: Date.now() + 5000 }), 0, 'a call is answered');
        waiting.forEach(({ cancel }) => cancel());
        is(await Promise.all(waiting.map(({ code }) => code)), [1, 1, 1], 'they go away');
        ok(await until(async () => (await backends()).length === 0), 'and nobody waits in the database any longer');
        is(await wait(60, { deadline: Date.now() + 500 }).code, 4, 'a deadline holds');
        ok(await until(async () => (await backends()).length === 0), 'in the database too');
        is(await wait(0).code, 0, 'there are connections for the next who waits');
    });

    await scene('a connection breaks', async () => {
        const { code } = wait(60);
        await until(async () => (await backends()).length === 1);
        for (const pid of await backends()) await db.query('SELECT pg_terminate_backend($1)', [pid]);
        is(await code, 14, 'its call: UNAVAILABLE');
        await db.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'grpc-bridge'`);
        await soon(300);
        is(await list(), 0, 'the next call gets a new one');
        is(bridge.exitCode, null, 'the bridge goes on');
    });

    await scene('rights', async () => {
        await db.query(`REVOKE DELETE ON idpsync.operation FROM ${db.frontRole}`);
        is(await call('/google.longrunning.Operations/DeleteOperation', text(1, name)).code, 7, 'what the role may not do: PERMISSION_DENIED');
        await db.query(`GRANT DELETE ON idpsync.operation TO ${db.frontRole}`);
        await db.query(`ALTER ROLE ${db.frontRole} SET default_transaction_read_only = on`);
        await db.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'grpc-bridge'`);
        await soon(300);
        is(await call('/google.longrunning.Operations/CancelOperation', text(1, name)).code, 9, 'a database that may only be read: FAILED_PRECONDITION');
        is(await list(), 0, 'lists are answered there');
    });

    client.close();
};
