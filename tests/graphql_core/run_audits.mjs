// Runs the audits of graphql-http against the address given and prints one JSON line a result.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [folder, url] = process.argv.slice(2);
const require = createRequire(pathToFileURL(folder + '/'));
const { serverAudits } = require('graphql-http');

for (const { id, name, fn } of serverAudits({ url, fetchFn: fetch })) {
  const result = await fn();
  console.log(JSON.stringify({ id, name, status: result.status, reason: result.reason ?? null }));
}
