// The least of TAP: every check is a line, and a scene that throws is a failed one.
let count = 0, failures = 0;

function ok(good, name, ...told) {
    count++;
    if (!good) failures++;
    console.log(`${good ? '' : 'not '}ok ${count} - ${name}`);
    if (!good) told.forEach((line) => console.log(String(line).replace(/^/gm, '# ')));
    return good;
}

const shown = (value) => JSON.stringify(value, (key, v) => (typeof v === 'bigint' ? String(v) : v));

// is(got, wanted, name): equal as JSON
const is = (got, wanted, name) => ok(shown(got) === shown(wanted), name, `   got: ${shown(got)}`, `wanted: ${shown(wanted)}`);

async function scene(name, act) {
    console.log(`# ${name}`);
    try {
        return await act();
    } catch (error) {
        ok(false, `${name}: gets to its end`, error.stack ?? error);
    }
}

function done() {
    console.log(`1..${count}`);
    return failures === 0;
}

module.exports = { ok, is, scene, done };
