// Platformatic DB as it comes, over the API's tables: REST and GraphQL that it makes of them, and one route by hand for the indicators.
import { create } from '@platformatic/db';

const service = await create(import.meta.dirname, {
  server: { logger: { level: 'info' } }, // its runtime's own level; without one it traces all
  db: { connectionString: process.env.DATABASE_URL, poolSize: 8, graphql: true, openapi: true },
  plugins: { paths: ['indicators.mjs'] },
});
await service.start({ listen: false });
// By hand, for in a container it would listen to the whole network.
console.log(await service.getApplication().listen({ host: '127.0.0.1', port: 0 }));
