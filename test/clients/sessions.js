// The official client of SynchronizationSessionService through whole sessions.
//
// The SDK's Session speaks TLS only. What it hands out is made by its client factory, which takes any
// channel: so that factory, with a channel in plain text, is the SDK's own client with all its middleware.
const { credentials } = require('@grpc/grpc-js');
const { createChannel, Metadata } = require('nice-grpc');
const { clientFactory } = require('@yandex-cloud/nodejs-sdk/dist/utils/client-factory');
const { waitForOperation } = require('@yandex-cloud/nodejs-sdk');
const sdk = require('@yandex-cloud/nodejs-sdk/organizationmanager-v1/idp/synchronization_session_service');
const { SessionType } = require('@yandex-cloud/nodejs-sdk/organizationmanager-v1/idp/synchronization_settings');
const { OperationServiceClient, GetOperationRequest } =
    require('@yandex-cloud/nodejs-sdk/operation/operation_service');
const { GoogleError } = require('google-gax'); // the SDK has no google.rpc.BadRequest
const { Status } = require('@yandex-cloud/nodejs-sdk/google/rpc/status');
const { ok, is, scene } = require('./tap');

const { OpenSessionResult, SessionStatus, SyncMode, RelatedObjectType, ChangeType } = sdk;
const PACKAGE = 'type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.';
const LARGEST = 2 ** 53 - 1; // of a number in JavaScript, which is what the SDK makes of int64

// The code and google.rpc.Status that a call fails with; the code of a call that does not is 0.
async function failure(call) {
    let trailer;
    try {
        await call({ onTrailer: (t) => { trailer = t; } });
        return { code: 0 };
    } catch (error) {
        const bytes = trailer?.get('grpc-status-details-bin');
        const status = bytes && Status.decode(bytes);
        const { statusDetails = [] } = GoogleError.parseGRPCStatusDetails({ metadata: { get: () => [bytes] } });
        return { code: error.code, details: error.details, status,
            fields: statusDetails.flatMap(({ fieldViolations }) => fieldViolations.map(({ field }) => field)) };
    }
}

// The message that an Any holds, decoded as the type that its URL has to name.
function unpack(any, type, name) {
    is(any?.typeUrl, PACKAGE + name, `Any holds ${name}`);
    return type.decode(any.value);
}

const entry = (objectType, ...changes) => ({
    objectType, changeInfo: changes.map(([changeType, successful, failed]) => ({ changeType, successful, failed })),
});

module.exports = async function sessions(address, db) {
    const connect = (client) => clientFactory.create(client.service, createChannel(address, credentials.createInsecure()));
    const client = connect(sdk.SynchronizationSessionServiceClient);
    const operations = connect(OperationServiceClient);
    const header = (values) => ({ metadata: Metadata(values) });
    const open = (values, options) => client.openSession(sdk.OpenSessionRequest.fromPartial({
        subjectContainerId: 'corp', agentId: 'dc1.corp.example', sessionType: SessionType.AD_SYNC, ...values }), options);
    const report = (sessionId, progressEntries, options) => client.reportSessionProgress(
        sdk.ReportSessionProgressRequest.fromPartial({ sessionId, progressEntries }), options);
    const get = async (sessionId, options) =>
        (await client.getSession(sdk.GetSessionRequest.fromPartial({ sessionId }), options)).session;
    const close = (values, options) => client.closeSession(sdk.CloseSessionRequest.fromPartial(values), options);
    const beat = (sessionId, options) => client.heartbeat(sdk.HeartbeatRequest.fromPartial({ sessionId }), options);

    let id, opened;

    await scene('a session is opened', async () => {
        const operation = await open({}, header({ 'x-caller': 'alice@corp.example' }));
        ok(operation.done && !operation.error, 'its operation is done, without an error');
        ok(/^op_/.test(operation.id), 'has an id', operation.id);
        is(operation.createdBy, 'alice@corp.example', 'was created by the caller that the header names');
        ok(Math.abs(operation.createdAt - Date.now()) < 60000, 'was created now', operation.createdAt);
        ({ sessionId: id } = unpack(operation.metadata, sdk.OpenSessionMetadata, 'OpenSessionMetadata'));
        const response = unpack(operation.response, sdk.OpenSessionResponse, 'OpenSessionResponse');
        is(response.result, OpenSessionResult.SUCCESS, 'SUCCESS');
        opened = response.openedSession;
        is(opened?.sessionId, id, 'metadata and response tell of one session');
        is([opened.agentId, opened.sessionType, opened.syncMode, opened.status, opened.progressEntries, opened.failReason, opened.closedAt],
            ['dc1.corp.example', SessionType.AD_SYNC, SyncMode.FULL_SYNC, SessionStatus.OPENED, [], '', undefined], 'the session is as it should be');
        is(Math.round((opened.expiresAt - opened.createdAt) / 1000), 600, 'its lease is 10 minutes');
        const same = await operations.get(GetOperationRequest.fromPartial({ operationId: operation.id }));
        is(same, operation, 'OperationService.Get answers the same operation');
        const waited = await waitForOperation(operation, { client: connect, pollInterval: 100 });
        is(waited, operation, "the SDK's waitForOperation gets it too");
        const { rows } = await db.query('SELECT created_by FROM idpsync.operation WHERE operation_id = $1', [operation.id]);
        is(rows, [{ created_by: 'alice@corp.example' }], 'and its row is in the database');
    });

    await scene('a second agent asks', async () => {
        const operation = await open({ agentId: 'dc2.corp.example' });
        is(operation.createdBy, db.frontRole, 'without a header the role is who created the operation');
        const response = unpack(operation.response, sdk.OpenSessionResponse, 'OpenSessionResponse');
        is(response.result, OpenSessionResult.OPENED_SESSION_EXISTS, 'OPENED_SESSION_EXISTS');
        is(response.openedSession, opened, 'and is shown the open session');
        is(unpack(operation.metadata, sdk.OpenSessionMetadata, 'OpenSessionMetadata').sessionId, id, 'in the metadata too');
    });

    await scene('many agents ask at the same moment', async () => {
        const answers = (await Promise.all(Array.from({ length: 20 }, (none, n) => open({ subjectContainerId: 'crowd', agentId: `dc${n}` }))))
            .map(({ response }) => sdk.OpenSessionResponse.decode(response.value));
        is(answers.filter(({ result }) => result === OpenSessionResult.SUCCESS).length, 1, 'one gets the session');
        is(new Set(answers.map(({ openedSession }) => openedSession.sessionId)).size, 1, 'all are shown the same one');
    });

    await scene('progress is reported', async () => {
        const operation = await report(id, [
            entry(RelatedObjectType.USER, [ChangeType.CREATE, 1204, 2], [ChangeType.UPDATE, 17, 0],
                [ChangeType.PASSWORD_HASH_UPDATE, LARGEST, LARGEST]),
            entry(RelatedObjectType.GROUP, [ChangeType.CREATE, 86, 0]),
            entry(RelatedObjectType.MEMBERSHIP, [ChangeType.DELETE, 0, 0]),
        ]);
        is(unpack(operation.metadata, sdk.ReportSessionProgressMetadata, 'ReportSessionProgressMetadata').sessionId, id, 'the metadata names the session');
        const session = unpack(operation.response, sdk.SynchronizationSession, 'SynchronizationSession');
        is(session.progressEntries, [
            entry(RelatedObjectType.USER, [ChangeType.CREATE, 1204, 2], [ChangeType.UPDATE, 17, 0],
                [ChangeType.PASSWORD_HASH_UPDATE, LARGEST, LARGEST]),
            entry(RelatedObjectType.GROUP, [ChangeType.CREATE, 86, 0]),
            entry(RelatedObjectType.MEMBERSHIP, [ChangeType.DELETE, 0, 0]),
        ].map((e) => ({ ...sdk.ProgressEntry.fromPartial(e) })), 'every counter comes back');
        ok(session.expiresAt >= opened.expiresAt, 'the lease is renewed');
        await report(id, [entry(RelatedObjectType.USER, [ChangeType.CREATE, 1000, 3])]);
        is((await get(id)).progressEntries[0].changeInfo[0], sdk.ChangeInfo.fromPartial({ changeType: ChangeType.CREATE, successful: 1204, failed: 3 }),
            'the larger number stands');
    });

    await scene('the agent is alive', async () => {
        const operation = await beat(id);
        is(unpack(operation.metadata, sdk.HeartbeatMetadata, 'HeartbeatMetadata').sessionId, id, 'the metadata names the session');
        is([operation.response.typeUrl, operation.response.value.length], ['type.googleapis.com/google.protobuf.Empty', 0], 'the response is Empty');
        is((await failure((o) => operations.get(GetOperationRequest.fromPartial({ operationId: operation.id }), o))).code, 5,
            'the operation of a heartbeat is not kept');
        ok((await get(id)).expiresAt > opened.expiresAt, 'the lease is renewed');
    });

    await scene('sessions are listed', async () => {
        const ids = [];
        for (const n of [1, 2, 3, 4, 5]) {
            const operation = await open({ subjectContainerId: 'paged', agentId: `dc${n}` });
            const { sessionId } = sdk.OpenSessionMetadata.decode(operation.metadata.value);
            await close({ sessionId });
            ids.unshift(sessionId);
        }
        const pages = [];
        let pageToken = '';
        do {
            const page = await client.listSessions(sdk.ListSessionsRequest.fromPartial({ subjectContainerId: 'paged', pageSize: 2, pageToken }));
            pages.push(page.sessions.map(({ sessionId }) => sessionId));
            pageToken = page.nextPageToken;
        } while (pageToken && pages.length < 10);
        is(pages, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)], 'three pages, newest first, none twice, an empty token at the end');
        const { sessions: filtered } = await client.listSessions(sdk.ListSessionsRequest.fromPartial({
            subjectContainerId: 'paged', filter: 'agent_id IN ("dc2", "dc4") AND status = "COMPLETED"' }));
        is(filtered.map(({ agentId }) => agentId), ['dc4', 'dc2'], 'a filter filters');
        is(filtered.map(({ syncMode }) => syncMode), [SyncMode.DELTA, SyncMode.DELTA], 'DELTA once a full synchronization has completed');
        is(await client.listSessions(sdk.ListSessionsRequest.fromPartial({ subjectContainerId: 'nobody' })),
            sdk.ListSessionsResponse.fromPartial({}), 'a container without sessions has an empty list');
    });

    await scene('the session is closed', async () => {
        const operation = await close({ sessionId: id, failed: true, failReason: 'dc1 is not reachable: Ошибка' });
        is(unpack(operation.metadata, sdk.CloseSessionMetadata, 'CloseSessionMetadata').sessionId, id, 'the metadata names the session');
        const session = unpack(operation.response, sdk.SynchronizationSession, 'SynchronizationSession');
        is([session.status, session.failReason], [SessionStatus.FAILED, 'dc1 is not reachable: Ошибка'], 'FAILED, with its reason');
        ok(session.closedAt >= session.createdAt, 'closed_at is set');
        is(await get(id), session, 'GetSession answers the same');
        const late = await failure((o) => report(id, [entry(RelatedObjectType.USER, [ChangeType.CREATE, 9999, 0])], o));
        is([late.code, late.status?.code, late.fields], [9, 9, []], 'a late report is refused: FAILED_PRECONDITION');
        is(late.status?.message, late.details, 'the status has the message');
        is((await failure((o) => beat(id, o))).code, 9, 'so is a heartbeat');
        is((await failure((o) => close({ sessionId: id }, o))).code, 9, 'and closing it again');
        is(await get(id), session, 'which changes nothing');
    });

    const unknown = 'ses_' + '0'.repeat(26);

    await scene('bad requests', async () => {
        const missing = await failure((o) => get(unknown, o));
        is([missing.code, missing.status?.code, missing.fields], [5, 5, []], 'an unknown session: NOT_FOUND');
        is((await failure((o) => get('nobody', o))).code, 5, 'an id of another form: NOT_FOUND');
        for (const [name, call, field] of [
            ['no agent', (o) => open({ agentId: '' }, o), 'agent_id'],
            ['a container of 51 characters', (o) => open({ subjectContainerId: 'я'.repeat(51) }, o), 'subject_container_id'],
            ['no session type', (o) => open({ sessionType: 0 }, o), 'session_type'],
            ['a session type there is not', (o) => open({ sessionType: 77 }, o), 'session_type'],
            ['no session', (o) => beat('', o), 'session_id'],
            ['no entry', (o) => report(id, [], o), 'progress_entries'],
            ['a fourth entry', (o) => report(id, [1, 2, 3, 1].map((t) => entry(t, [1, 1, 1])), o), 'progress_entries'],
            ['an entry without changes', (o) => report(id, [entry(1, [1, 1, 1]), entry(2)], o), 'progress_entries[1].change_info'],
            ['a negative counter', (o) => report(id, [entry(1, [1, 1, 0], [2, 1, -1])], o), 'progress_entries[0].change_info[1].failed'],
            ['a change type twice', (o) => report(id, [entry(1, [1, 1, 0], [1, 1, 0])], o), 'progress_entries[0].change_info[1].change_type'],
            ['a reason to fail without failing', (o) => close({ sessionId: id, failReason: 'why' }, o), 'fail_reason'],
            ['a page of -1', (o) => client.listSessions(sdk.ListSessionsRequest.fromPartial({ subjectContainerId: 'corp', pageSize: -1 }), o), 'page_size'],
            ['a page of 1001', (o) => client.listSessions(sdk.ListSessionsRequest.fromPartial({ subjectContainerId: 'corp', pageSize: 1001 }), o), 'page_size'],
            ['a made-up token', (o) => client.listSessions(sdk.ListSessionsRequest.fromPartial({ subjectContainerId: 'corp', pageToken: 'made-up' }), o), 'page_token'],
            ['no filter', (o) => client.listSessions(sdk.ListSessionsRequest.fromPartial({ subjectContainerId: 'corp', filter: 'agent_id LIKE "x"' }), o), 'filter'],
        ]) {
            const { code, fields } = await failure(call);
            is([code, fields], [3, [field]], `${name}: INVALID_ARGUMENT names ${field}`);
        }
    });

    await scene('a session is over when its lease is', async () => {
        await db.query(`SELECT idpsync.configure_store('session_ttl', '1 second')`);
        const { sessionId } = sdk.OpenSessionMetadata.decode((await open({ subjectContainerId: 'late' })).metadata.value);
        await db.query(`SELECT idpsync.configure_store('session_ttl', NULL), pg_sleep(1.1)`);
        const session = await get(sessionId);
        is([session.status, session.closedAt], [SessionStatus.EXPIRED, session.expiresAt], 'EXPIRED, closed when it expired');
        is((await failure((o) => beat(sessionId, o))).code, 9, 'a heartbeat does not revive it: FAILED_PRECONDITION');
        const { sessions: [listed] } = await client.listSessions(sdk.ListSessionsRequest.fromPartial({
            subjectContainerId: 'late', filter: 'status = "EXPIRED"' }));
        is(listed, session, 'a list shows the same');
        const next = sdk.OpenSessionResponse.decode((await open({ subjectContainerId: 'late' })).response.value);
        is([next.result, next.openedSession.sessionId !== sessionId], [OpenSessionResult.SUCCESS, true], 'another one can be opened');
    });

    await scene('a session that was requested', async () => {
        const { rows: [{ session_id: sessionId }] } = await db.query(`SELECT session_id FROM idpsync.request_session('asked', 'AD_USER_CONTROL')`);
        const pending = await get(sessionId);
        is([pending.status, pending.agentId, pending.sessionType], [SessionStatus.PENDING, '', SessionType.AD_USER_CONTROL], 'PENDING, without an agent');
        is((await failure((o) => beat(sessionId, o))).code, 9, 'a heartbeat is refused: FAILED_PRECONDITION');
        const { result, openedSession } = sdk.OpenSessionResponse.decode((await open({
            subjectContainerId: 'asked', sessionType: SessionType.AD_USER_CONTROL })).response.value);
        is([result, openedSession.sessionId, openedSession.status, openedSession.agentId],
            [OpenSessionResult.SUCCESS, sessionId, SessionStatus.OPENED, 'dc1.corp.example'], 'the first agent that asks gets it');
    });

    await scene('an agent comes too early', async () => {
        const { openedSession } = sdk.OpenSessionResponse.decode((await open({ subjectContainerId: 'early' })).response.value);
        await close({ sessionId: openedSession.sessionId });
        await db.query(`SELECT idpsync.configure_store('session_interval', '1 hour')`);
        const operation = await open({ subjectContainerId: 'early' });
        await db.query(`SELECT idpsync.configure_store('session_interval', NULL)`);
        const response = unpack(operation.response, sdk.OpenSessionResponse, 'OpenSessionResponse');
        is([response.result, response.openedSession], [OpenSessionResult.TOO_EARLY, undefined], 'TOO_EARLY, and no session');
        is(response.nextSessionAt - openedSession.createdAt, 3600000, 'an hour after the last one began is the time');
        is(unpack(operation.metadata, sdk.OpenSessionMetadata, 'OpenSessionMetadata').sessionId, '', 'the metadata names no session');
    });

    await scene('a call is repeated with its key', async () => {
        const options = header({ 'idempotency-key': 'open-1', 'x-caller': 'bob' });
        const first = await open({ subjectContainerId: 'keyed' }, options);
        is(await open({ subjectContainerId: 'keyed' }, options), first, 'the repetition answers the same operation');
        is((await failure((o) => open({ subjectContainerId: 'keyed', agentId: 'other' }, { ...options, ...o }))).code, 6,
            'another request with that key: ALREADY_EXISTS');
        is((await failure((o) => open({ subjectContainerId: 'keyed' }, { ...header({ 'idempotency-key': 'k'.repeat(65) }), ...o }))).code, 3,
            'a key of 65 characters: INVALID_ARGUMENT');
        is((await failure((o) => get(unknown, { ...options, ...o }))).code, 5, 'what does not write takes no notice of a key');
        is((await open({ subjectContainerId: 'long' }, header({ 'x-caller': 'x'.repeat(1000) }))).createdBy.length, 1000,
            'a long name stays whole');
        is((await failure((o) => open({ subjectContainerId: 'long' }, { ...header({ 'x-caller': 'x'.repeat(1001) }), ...o }))).code, 3,
            'one of more than 1000 bytes: INVALID_ARGUMENT');
        is((await open({ subjectContainerId: 'keyed' })).createdBy, db.frontRole, "a caller's name does not outlive its call");
    });
};
