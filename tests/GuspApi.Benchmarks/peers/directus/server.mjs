// Directus as it comes, over the API's tables: its own are in a schema beside, and everybody may read what is asked for.
import { spawnSync } from 'node:child_process';
import pg from 'pg';

Object.assign(process.env, {
  DB_CLIENT: 'pg', DB_CONNECTION_STRING: process.env.DATABASE_URL, DB_SEARCH_PATH: 'array:directus,public', DB_POOL__MIN: '0', DB_POOL__MAX: '8',
  SECRET: 'secret-of-the-benchmark-0123456789', TELEMETRY: 'false',
});
const db = new pg.Client(process.env.DATABASE_URL);
await db.connect();
await db.query('create schema directus');
const made = spawnSync(process.execPath, ['node_modules/directus/cli.js', 'bootstrap', '--skipAdminInit'], { encoding: 'utf8' });
if (made.status !== 0) throw new Error(made.stdout + made.stderr);
await db.query(`
  insert into directus.directus_permissions (policy, collection, action, permissions, fields)
  select id, collection, 'read', '{}', '*' from directus.directus_policies, unnest(array['landlord', 'qpv', 'declaration']) collection
  where name = '$t:public_label'`);
await db.end();

const { createServer } = await import('@directus/api/server');
const server = await createServer();
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
