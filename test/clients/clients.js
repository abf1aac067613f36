// Starts examples/grpc-bridge as its README says and lets the official clients judge it. Prints TAP.
// Needs the packages of package.json (NODE_PATH) and a database with a store (PGHOST and so on).
const { spawn } = require('child_process');
const path = require('path');
const { Client } = require('pg');
const { ok, is, scene, done } = require('./tap');

const folder = path.join(__dirname, '../../examples/grpc-bridge');
const SUITES = ['./sessions', './operations', './service'];

// The bridge as a process of its own, on a port that the system chooses.
function startBridge(env) {
    const bridge = spawn(process.execPath, [path.join(folder, 'bridge.js')], { env: { ...process.env, LISTEN: '127.0.0.1:0', ...env } });
    bridge.log = '';
    bridge.stderr.on('data', (data) => { bridge.log += data; });
    bridge.ended = new Promise((resolve) => bridge.on('close', (code, signal) => resolve(code ?? signal)));
    bridge.address = new Promise((resolve, reject) => {
        bridge.stdout.on('data', (line) => resolve(/on (\S+)/.exec(line)[1]));
        bridge.ended.then((code) => reject(new Error(`the bridge ended with ${code}: ${bridge.log}`)));
    });
    return bridge;
}

async function main() {
    const db = new Client();
    await db.connect();
    db.frontRole = 'idpsync_front';
    const bridge = startBridge({ PGUSER: db.frontRole, WAITING: '2' });
    try {
        const address = await bridge.address;
        is(require(path.join(folder, 'package.json')).dependencies,
            Object.fromEntries(['@grpc/grpc-js', 'pg'].map((name) => [name, require(`${name}/package.json`).version])),
            'the packages are those of the example');
        for (const suite of SUITES) await scene(suite, () => require(suite)(address, db, bridge));
    } finally {
        bridge.kill('SIGTERM');
        is(await bridge.ended, 0, 'the bridge ends when it is told to');
        if (!done()) console.log(bridge.log.replace(/^/gm, '# bridge: '));
        await db.end();
    }
}

main().then(() => process.exit(), (error) => { ok(false, 'the clients can be tried', error.stack); process.exit(1); });
