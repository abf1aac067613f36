// A gRPC service in front of idpsync. It knows no message and no method: it asks the database which
// methods there are, hands over each request's bytes as they came, and sends back the answer's.
//
// Settings, all optional: LISTEN (127.0.0.1:50051), CONNECTIONS (10), WAITING (10), MAX_REQUEST_BYTES
// (1 MiB), and what libpq reads, such as PGHOST, PGUSER and PGDATABASE.
const grpc = require('@grpc/grpc-js');
const { Pool } = require('pg');

const {
    LISTEN = '127.0.0.1:50051', CONNECTIONS = 10, WAITING = 10, MAX_REQUEST_BYTES = 1 << 20,
} = process.env;

// The service: one call in one transaction, so that the caller's name holds for this call alone.
async function answer(client, method, request, caller, idempotencyKey) {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    await client.query(`SELECT set_config('idpsync.caller', $1, true)`, [caller]);
    const { rows: [{ response }] } = await client.query({
        name: 'call', // planned once a connection
        text: 'SELECT idpsync.call($1, $2, $3) AS response',
        values: [method, request, idempotencyKey],
    });
    await client.query('COMMIT');
    return response;
}

// What a failed call is answered with: idpsync says which gRPC code an SQLSTATE is, and its google.rpc.Status
// says which field is to blame. An error's other details may tell of rows and go no further.
async function status(client, { code, message, detail }) {
    await client.query('ROLLBACK');
    const { rows: [{ rpc, bytes }] } = await client.query(
        'SELECT idpsync.rpc_code($1) AS rpc, idpsync.rpc_status($1, $2, $3) AS bytes', [code, message, detail]);
    const metadata = new grpc.Metadata();
    metadata.set('grpc-status-details-bin', bytes);
    return { code: rpc, details: message, metadata };
}

// Without the database there is nobody to ask what an error means.
const unavailable = { code: grpc.status.UNAVAILABLE, details: 'the database is not available' };

const header = (call, name) => call.metadata.get(name)[0];

// The handler of one method, in the form that @grpc/grpc-js wants.
const handler = (pool, method) => async (call, callback) => {
    let client, lost = false;
    // A connection that has failed is not given to the next call; nor is one whose client went away or
    // ran out of time: closing it ends what the server still does for that client (see `options` below).
    const release = () => { client?.release(lost); client = undefined; };
    try {
        client = await pool.connect();
        call.on('cancelled', () => { lost = true; release(); });
        if (call.cancelled) return;
        const session = client;
        try {
            callback(null, await answer(session, method, call.request,
                header(call, 'x-caller') ?? '', header(call, 'idempotency-key') ?? null));
        } catch (error) {
            if (lost) return;
            console.error(`${method}: ${error.code ?? 'no SQLSTATE'}: ${error.message}`);
            callback(await status(session, error));
        }
    } catch (error) {
        if (lost) return;
        lost = true;
        console.error(`${method}: ${error.message}`);
        callback(unavailable);
    } finally {
        release();
    }
};

async function start() {
    // The server looks every second whether a client that waits is still there. Every connection has a
    // listener: without one, the end of a connection would be the end of the process.
    const pool = (max) => new Pool({
        max: Number(max), connectionTimeoutMillis: 10000, application_name: 'grpc-bridge',
        options: '-c client_connection_check_interval=1s',
    }).on('connect', (client) => client.on('error', (error) => console.error(`a connection: ${error.message}`)))
        .on('error', () => {});
    // WaitOperation holds its connection as long as it waits: those who wait do not keep others waiting.
    const [calls, waits] = [pool(CONNECTIONS), pool(WAITING)];

    const server = new grpc.Server({ 'grpc.max_receive_message_length': Number(MAX_REQUEST_BYTES) });
    const asTheyAre = (bytes) => bytes;
    const { rows } = await calls.query(
        'SELECT method FROM idpsync.rpc_methods() WHERE request_type IS NOT NULL');
    for (const { method } of rows) {
        const from = method.endsWith('/WaitOperation') ? waits : calls;
        server.register(method, handler(from, method), asTheyAre, asTheyAre, 'unary');
    }
    const port = await new Promise((resolve, reject) => server.bindAsync(LISTEN,
        grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
    console.log(`${rows.length} methods on ${LISTEN.replace(/:\d+$/, '')}:${port}`);

    const stop = () => {
        setTimeout(() => process.exit(0), 5000).unref();
        server.tryShutdown(() => Promise.all([calls.end(), waits.end()]).then(() => process.exit(0)));
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
}

start().catch((error) => { console.error(error.message); process.exit(1); });
