// PostGraphile with its usual preset, over the API's tables and the functions beside.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import pg from 'pg';
import { postgraphile } from 'postgraphile';
import { grafserv } from 'postgraphile/grafserv/node';
import { makePgService } from 'postgraphile/adaptors/pg';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

// The statement that the API sends for this question, as a function: what is compared is what stands around it.
const { sql, values } = JSON.parse(process.env.INDICATORS);
const indicators = sql.replace(/\$(\d+)/g, (_, place) => values[place - 1] === null ? 'null' : pg.escapeLiteral(values[place - 1]));
const db = new pg.Client(process.env.DATABASE_URL);
await db.connect();
await db.query((await readFile('functions.sql', 'utf8')).replace('/* indicators */', () => indicators));
await db.end();

const service = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: process.env.DATABASE_URL, schemas: ['public', 'peer'], poolConfig: { max: 8 } })],
});
const server = createServer();
await service.createServ(grafserv).addTo(server);
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
