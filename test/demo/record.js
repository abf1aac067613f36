// Records what a directory agent sends, as the official client encodes it: one line a call with the
// method path, the bytes in hex and the same message as JSON. Run: npm install --ignore-scripts; npm run record
const { SynchronizationSessionServiceService: service, ...types } =
    require('@yandex-cloud/nodejs-sdk/organizationmanager-v1/idp/synchronization_session_service');

// A session's id is made by the store, so the bytes hold stand-ins, as long as real ids (30 characters):
// whoever replays them puts the ids that OpenSession answered in their places, in order.
const session = (n) => 'ses_' + `recorded${n}`.padEnd(26, '0');
const container = 'ajegtlf2q28a0000corp';
const [agent, standby] = ['dc1.corp.example', 'dc2.corp.example'];

const entry = (objectType, changes) => ({
    objectType,
    changeInfo: Object.entries(changes).map(([changeType, [successful, failed]]) => ({ changeType, successful, failed })),
});
const open = (agentId, sessionType) => ['openSession', { subjectContainerId: container, agentId, sessionType }];
const beat = (n) => ['heartbeat', { sessionId: session(n) }];
const report = (n, ...progressEntries) => ['reportSessionProgress', { sessionId: session(n), progressEntries }];
const close = (n, failReason) => ['closeSession', { sessionId: session(n), failed: failReason !== undefined, failReason }];

const calls = [
    // the first synchronization of a directory: users, then groups, then who is in which
    open(agent, 'AD_SYNC'),
    beat(1),
    report(1, entry('USER', { CREATE: [250, 0] })),
    report(1, entry('USER', { CREATE: [1180, 2], ACTIVATE: [1102, 0] })),
    open(standby, 'AD_SYNC'),
    report(1, entry('USER', { CREATE: [1204, 2], ACTIVATE: [1125, 1], DEACTIVATE: [79, 0] }),
        entry('GROUP', { CREATE: [41, 0] })),
    beat(1),
    report(1, entry('USER', { CREATE: [1204, 2], UPDATE: [17, 0], ACTIVATE: [1125, 1], DEACTIVATE: [79, 0] }),
        entry('GROUP', { CREATE: [86, 0] }),
        entry('MEMBERSHIP', { CREATE: [4390, 11] })),
    report(1, entry('MEMBERSHIP', { CREATE: [4390, 11] })),
    ['getSession', { sessionId: session(1) }],
    close(1),
    // password hashes, until the domain controller goes away
    open(agent, 'AD_PASSWORD_HASH'),
    report(2, entry('USER', { PASSWORD_HASH_UPDATE: [640, 3] })),
    close(2, 'the domain controller dc1.corp.example is not reachable'),
    // a report that comes too late
    report(1, entry('USER', { CREATE: [1205, 2] })),
    // the next synchronization carries only changes; it goes on
    open(standby, 'AD_SYNC'),
    report(3, entry('USER', { CREATE: [3, 0], UPDATE: [12, 0], DELETE: [1, 0], DEACTIVATE: [2, 0] }),
        entry('MEMBERSHIP', { CREATE: [9, 0], DELETE: [4, 1] })),
    beat(3),
    ['listSessions', { subjectContainerId: container, pageSize: 2 }],
];

console.log(['step', 'method', 'bytes', 'message'].join('\t'));
calls.forEach(([name, values], i) => {
    const method = service[name];
    const type = types[name[0].toUpperCase() + name.slice(1) + 'Request'];
    const message = type.fromJSON(values);
    const bytes = method.requestSerialize(message).toString('hex');
    console.log([i + 1, method.path, bytes, JSON.stringify(type.toJSON(message))].join('\t'));
});
