// The statement that the API sends for this question: what is compared is what stands around it.
const { sql: text, values } = JSON.parse(process.env.INDICATORS);

export default async function (app) {
  const { db, sql } = app.platformatic;
  // Its driver takes parameters in the text of a template alone.
  const query = sql.join(text.split(/\$(\d+)/).map((part, i) => i % 2 ? sql.value(values[part - 1]) : sql.__dangerous__rawValue(part)), '');
  app.get('/indicators', async () => {
    const rows = await db.query(query);
    return { data: rows.map(({ total, ...row }) => row), total: rows[0]?.total ?? 0 };
  });
}
