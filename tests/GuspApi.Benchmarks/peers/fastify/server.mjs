// What a good developer would write by hand instead: Fastify and pg, prepared statements, a pool of 8, response schemas, no keys.
import Fastify from 'fastify';
import pg from 'pg';

pg.types.setTypeParser(20, Number);
pg.types.setTypeParser(1700, Number);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
const app = Fastify();

const text = { type: 'string' };
const number = { type: 'number' };
const maybe = type => ({ type, nullable: true });
const object = properties => ({ type: 'object', properties });
const landlord = object({
  siren: text, name: text, family: text, activeFrom: maybe('integer'), activeTo: maybe('integer'), successorSiren: maybe('string'), version: number,
});
const declaration = object({
  landlord: object({ siren: text, name: text }), qpv: object({ code: text, name: text, department: text }), year: number, version: number, status: text,
  totals: object({ lines: number, planned: number, actual: number, valued: number, landlordFunding: number, otherFunding: number }),
});
const answers = schema => ({ schema: { response: { 200: schema } } });

app.get('/landlords/:siren', answers(landlord), async (request, reply) => {
  const { rows } = await pool.query({
    name: 'landlord',
    text: `select siren, name, family, active_from as "activeFrom", active_to as "activeTo", successor_siren as "successorSiren", version
           from landlord where siren = $1`,
    values: [request.params.siren],
  });
  return rows[0] ?? reply.code(404).send();
});

const counted = `from declaration d join qpv q on q.code = d.qpv_code
  where q.department_code = $1 and d.year = $2 and d.validated_version is not null and d.status <> 'DELETED'`;

app.get('/declarations', answers(object({ data: { type: 'array', items: declaration }, total: number })), async request => {
  const values = [request.query.department, request.query.year];
  const [page, count] = await Promise.all([
    pool.query({
      name: 'page',
      text: `select d.*, l.name as landlord, t.*
             from (select d.id, d.landlord_siren, d.year, d.qpv_code, d.validated_version, d.validated_lines_version, q.name as qpv, q.department_code
                   ${counted} order by d.landlord_siren, d.year, d.qpv_code limit 50) d
             join landlord l on l.siren = d.landlord_siren
             cross join lateral (
               select count(*)::int as lines, sum(planned) as planned, sum(actual) as actual, sum(valued) as valued,
                      sum(landlord_funding) as "landlordFunding", sum(other_funding) as "otherFunding"
               from expense_line e where e.declaration_id = d.id and e.version = d.validated_lines_version) t
             order by d.landlord_siren, d.year, d.qpv_code`,
      values,
    }),
    pool.query({ name: 'count', text: `select count(*) as total ${counted}`, values }),
  ]);
  const data = page.rows.map(row => ({
    landlord: { siren: row.landlord_siren, name: row.landlord }, qpv: { code: row.qpv_code, name: row.qpv, department: row.department_code },
    year: row.year, version: row.validated_version, status: 'VALIDATED', totals: row,
  }));
  return { data, total: count.rows[0].total };
});

// The statement that the API sends for this question: what is compared is what stands around it.
const { sql, values } = JSON.parse(process.env.INDICATORS);
app.get('/indicators', async () => {
  const { rows } = await pool.query({ name: 'indicators', text: sql, values });
  return { data: rows.map(({ total, ...row }) => row), total: rows[0]?.total ?? 0 };
});

console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
