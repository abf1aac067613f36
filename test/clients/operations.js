// google-gax's OperationsClient, and its poller of long-running operations, on operations that others end.
const path = require('path');
const gax = require('google-gax');
const { ok, is, scene } = require('./tap');

const TENANT = 'idaas_corp';
const job = gax.protobuf.loadSync(path.join(__dirname, '../../src/wire/proto/idpsync/v1/synchronization_job.proto'));
const [Metadata, Job] = ['idpsync.v1.SynchronizationJobMetadata', 'idpsync.v1.SynchronizationJob'].map((name) => job.lookupType(name));

const failure = (call) => call.then(() => ({ code: 0 }), ({ code, statusDetails = [] }) =>
    ({ code, fields: statusDetails.flatMap(({ fieldViolations }) => fieldViolations.map(({ field }) => field)) }));
const soon = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

module.exports = async function operations(address, db) {
    const [servicePath, port] = address.split(':');
    // sslCreds is gax's option for a channel of one's own; the auth client that adds nothing keeps gax
    // from looking for credentials on this machine and in the cloud.
    const auth = new gax.GoogleAuth({ authClient: new gax.googleAuthLibrary.PassThroughClient() });
    const client = gax.lro({ auth }).operationsClient({
        servicePath, port: Number(port), sslCreds: gax.grpc.credentials.createInsecure() });
    // OperationsClient has no method for WaitOperation; the stub below it does.
    const stub = await client.operationsStub;
    const wait = (name, seconds) => new Promise((resolve, reject) => {
        stub.waitOperation({ name, timeout: { seconds } }, (error, operation) => (error ? reject(error) : resolve(operation)));
    });
    const sql = async (text, ...values) => (await db.query(text, values)).rows[0];
    const run = () => sql(`SELECT synchronization_job_id AS job, 'operations/' || operation_id AS name, operation_id AS id
        FROM idpsync.run_synchronization_job($1, 'identity_provider', 'idp_ad', 'nightly')`, TENANT);
    const finish = (id) => sql(`SELECT status FROM idpsync.start_synchronization_job($1)`, id).then(() =>
        sql(`SELECT status FROM idpsync.finish_synchronization_job($1,
            '{"UserStatistics": {"Created": {"Total": 9007199254740993, "Success": 9007199254740993}}}')`, id));

    await scene('an operation is asked for', async () => {
        const { job: id, name } = await run();
        const [operation] = await client.getOperation({ name });
        is([operation.name, operation.done, operation.result ?? null], [name, false, null], 'it is not done: neither error nor response');
        is(operation.metadata.type_url, 'type.googleapis.com/idpsync.v1.SynchronizationJobMetadata', 'its metadata has a type');
        is(Metadata.decode(operation.metadata.value).synchronizationJobId, id, 'and names the job');
        const [same] = await client.getOperation({ name: `${TENANT}/${name}` });
        is(same, operation, 'with the tenant it is the same');
        is(await failure(client.getOperation({ name: `other/${name}` })), { code: 5, fields: [] }, 'another tenant has none: NOT_FOUND');
        is(await failure(client.getOperation({ name: 'operations/op_nobody' })), { code: 5, fields: [] }, 'an unknown one: NOT_FOUND');
        is(await failure(client.getOperation({ name: 'op_nobody' })), { code: 3, fields: ['name'] }, 'a name of another form: INVALID_ARGUMENT names it');
        is(await failure(client.getOperation({})), { code: 3, fields: ['name'] }, 'so does none');
        await finish(id);
        const [done] = await client.getOperation({ name });
        is([done.done, done.result], [true, 'response'], 'when the job has ended it has a response');
        const { status, result } = Job.decode(done.response.value);
        is([status, String(result.userStatistics.created.total)], ['success', '9007199254740993'], 'the job, to the last digit');
    });

    await scene('an operation is waited for', async () => {
        const { job: id, name } = await run();
        let from = Date.now();
        is([(await wait(name, 0)).done, Date.now() - from < 10000], [false, true], 'no time to wait: an answer at once');
        from = Date.now();
        is((await wait(name, 1)).done, false, 'not done in a second');
        ok(Date.now() - from >= 950, 'which it has waited', Date.now() - from);
        from = Date.now();
        const waiting = wait(name, 30);
        await soon(300);
        await finish(id);
        is(Job.decode((await waiting).response.value).status, 'success', 'the answer comes when the job ends');
        ok(Date.now() - from < 10000, 'and not when the time is over', Date.now() - from);
        is((await wait(name, 30)).done, true, 'what is done is answered at once');
        is(await failure(wait(name, -1)).then(({ code }) => code), 3, 'less than no time: INVALID_ARGUMENT');
        is(await failure(wait('operations/op_nobody', 1)).then(({ code }) => code), 5, 'an unknown one: NOT_FOUND');
    });

    await scene("gax's own poller", async () => {
        const descriptor = new gax.LongrunningDescriptor(client, (bytes) => Job.decode(bytes), (bytes) => Metadata.decode(bytes));
        const backoff = gax.createBackoffSettings(50, 1.3, 200, null, null, null, 20000);
        const poll = async (name) => gax.operation((await client.getOperation({ name }))[0], descriptor, backoff);
        const first = await run();
        const ended = (await poll(first.name)).promise();
        await soon(200);
        await finish(first.job);
        const [result, metadata] = await ended;
        is([result.status, metadata.synchronizationJobId], ['success', first.job], 'comes to the job when it has ended');
        const second = await run();
        const operation = await poll(second.name);
        const refused = failure(operation.promise());
        await soon(200);
        await operation.cancel();
        is((await refused).code, 1, 'and to CANCELLED when it is cancelled');
    });

    await scene('operations are listed', async () => {
        const ids = [];
        for (let n = 0; n < 5; n++) {
            ids.unshift((await sql(`SELECT 'operations/' || operation_id AS name FROM idpsync.create_operation('listed', 'Work', 'number ' || $1::int)`, n)).name);
        }
        const name = 'listed/operations';
        const pages = [];
        let request = { name, pageSize: 2 };
        while (request && pages.length < 10) {
            const [page, next] = await client.listOperations(request, { autoPaginate: false });
            pages.push(page.map((operation) => operation.name));
            request = next;
        }
        is(pages, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)], 'three pages, newest first, none twice');
        const streamed = [];
        for await (const operation of client.listOperationsAsync({ name, pageSize: 3 })) streamed.push(operation.name);
        is(streamed, ids, 'gax joins the pages by itself');
        await sql(`SELECT FROM idpsync.fail_operation($1, 13, 'broken', tenant_id => 'listed')`, ids[1].slice('operations/'.length));
        const [[failed], , raw] = await client.listOperations({ name, filter: 'done = true' }, { autoPaginate: false });
        is([failed.name, failed.result, failed.error.code, failed.error.message, failed.error.details],
            [ids[1], 'error', 13, 'broken', []], 'a filter filters, and an error has its status');
        const reason = { reason: 'GONE', domain: 'dc1.corp.example' }; // google.rpc.ErrorInfo; here as bytes
        await sql(`SELECT FROM idpsync.fail_operation($1, 3, 'плохо', tenant_id => 'listed', error_details => ARRAY[
            idpsync.protobuf_any('type.googleapis.com/google.rpc.ErrorInfo', $2::bytea)])`, ids[2].slice('operations/'.length),
            Buffer.concat([[0x0a, reason.reason.length], Buffer.from(reason.reason), [0x12, reason.domain.length], Buffer.from(reason.domain)].map((b) => Buffer.from(b))));
        const [detailed] = await client.getOperation({ name: ids[2] });
        is([detailed.error.message, detailed.error.details.map(({ type_url, value }) => [type_url, value.length])],
            ['плохо', [['type.googleapis.com/google.rpc.ErrorInfo', 24]]], 'details of an error come along');
        is((await client.listOperations({ name, pageSize: 5000 }, { autoPaginate: false }).then(([page]) => page.length, ({ message }) => message)), 5,
            'a page of 5000 is brought down');
        is([raw.operations.length, raw.nextPageToken], [1, ''], 'the last page has no token');
        is((await client.listOperations({ name: 'nobody/operations' }))[0], [], 'a tenant without operations has an empty list');
        is(await failure(client.listOperations({ name, pageSize: -1 })), { code: 3, fields: ['page_size'] }, 'a page of -1: INVALID_ARGUMENT names page_size');
        is(await failure(client.listOperations({ name, filter: 'name = "x"' })), { code: 3, fields: ['filter'] }, 'so with a filter there is not');
        is(await failure(client.listOperations({ name: 'operations' })), { code: 3, fields: ['name'] }, 'and without a tenant');
    });

    await scene('a message that is kept as JSON', async () => {
        const create = (metadata) => sql(`SELECT 'operations/' || operation_id AS name FROM idpsync.create_operation('json', 'Work', metadata => $1)`, metadata);
        const plain = await create(null);
        const { name } = await create('{"@type": "types.example.com/standard/id", "id": 1234}');
        const [{ metadata }] = await client.getOperation({ name });
        is([metadata.type_url, JSON.parse(metadata.value.toString().replace(/^[^{]*/, ''))],
            ['type.googleapis.com/google.protobuf.StringValue', { '@type': 'types.example.com/standard/id', id: 1234 }],
            'travels as a StringValue of its JSON');
        is((await client.listOperations({ name: 'json/operations' }))[0].length, 2, 'and does not keep others from being listed');
        is((await client.listOperations({ name: 'json/operations', filter: `created_at < "1990-01-01T00:00:00Z"` }))[0], [], 'where it is filtered away, lists are answered');
        is((await client.getOperation({ name: plain.name }))[0].done, false, 'and single ones');
    });

    await scene('an operation is cancelled', async () => {
        const { job: id, name } = await run();
        const waiting = wait(name, 30);
        await soon(200);
        is((await client.cancelOperation({ name }))[0], {}, 'the answer is Empty');
        const cancelled = await waiting;
        is([cancelled.done, cancelled.result, cancelled.error.code], [true, 'error', 1], 'who waits for it sees CANCELLED');
        is(await sql('SELECT status, error_code FROM idpsync.get_synchronization_job($1)', id),
            { status: 'failed', error_code: 'CANCELLED' }, 'its job has failed');
        is((await client.cancelOperation({ name }))[0], {}, 'once more changes nothing');
        is((await client.getOperation({ name }))[0], cancelled, 'as it says itself');
        is((await failure(client.cancelOperation({ name: 'operations/op_nobody' }))).code, 5, 'an unknown one: NOT_FOUND');
    });

    await scene('an operation is deleted', async () => {
        const { job: id, name } = await run();
        is((await client.deleteOperation({ name }))[0], {}, 'the answer is Empty');
        is((await failure(client.getOperation({ name }))).code, 5, 'it is gone: NOT_FOUND');
        is((await sql('SELECT status FROM idpsync.get_synchronization_job($1)', id)).status, 'pending', 'its job goes on');
        is((await failure(client.deleteOperation({ name }))).code, 5, 'once more: NOT_FOUND');
    });

    client.close();
};
