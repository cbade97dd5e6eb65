// Asks every operation of the contract through Prism's validating proxies, which answer 4xx or 5xx of their own (VIOLATIONS) when a request
// or an answer is not as the contract says. GOOD checks requests and answers, BAD answers alone, for requests that are wrong on purpose.
import { readFileSync } from "node:fs";

const { GOOD, BAD, KEY } = process.env;
const contract = JSON.parse(readFileSync(new URL("../gusp-api.v1-3.1.json", import.meta.url)));
const operations = Object.entries(contract.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));
const asked = new Set();
const failures = [];
let requests = 0;

async function ask(base, operationId, method, address, { body, headers = {}, expected = [200, 201, 202, 204], anonymous = false } = {}) {
  requests++;
  asked.add(operationId);
  const isText = typeof body === "string";
  const answer = await fetch(base + address, {
    method,
    headers: {
      ...(anonymous ? {} : { Authorization: `Bearer ${KEY}` }),
      ...(body === undefined ? {} : { "Content-Type": isText ? "text/csv" : "application/json" }),
      ...headers,
    },
    body: body === undefined ? undefined : isText ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  const violated = text.includes("stoplight.io/prism") || answer.headers.has("sl-violations");
  if (violated || !expected.includes(answer.status)) failures.push(`${operationId} ${method} ${address}: ${answer.status} ${text.slice(0, 1500)}`);
  return text.startsWith("{") ? JSON.parse(text) : {};
}

const value = (parameter) => encodeURIComponent(Array.isArray(parameter.example) ? parameter.example.join(",") : String(parameter.example));
const isOwn = (operation) => operation.path.includes("{id}") && operation.parameters.some((p) => p.name === "id" && p.schema.type === "string");

// Every read: alone, then with each of its parameters.
for (const operation of operations.filter((o) => o.method === "get" && !isOwn(o))) {
  const parameters = operation.parameters ?? [];
  const path = parameters.filter((p) => p.in === "path").reduce((address, p) => address.replace(`{${p.name}}`, value(p)), operation.path);
  const isNeeded = (p) => p.required || p.description.startsWith("Required");
  const required = parameters.filter((p) => p.in === "query" && isNeeded(p)).map((p) => `${p.name}=${value(p)}`);
  const optional = parameters.filter((p) => p.in === "query" && !isNeeded(p) && !["cursor", "after", "wait"].includes(p.name));
  for (const query of [[], ...optional.map((p) => [...(p.name === "to" && p.example === 2022 ? ["from=2022"] : []), `${p.name}=${value(p)}`])]) {
    const all = [...required, ...query];
    await ask(GOOD, operation.operationId, "GET", all.length ? `${path}?${all.join("&")}` : path);
  }
}

// Every write, with the examples of its body: a year from nothing to reopened.
const example = (operationId) => {
  const schema = operations.find((o) => o.operationId === operationId).requestBody?.content["application/json"]?.schema;
  const reference = schema?.$ref ?? schema?.allOf?.[0]?.$ref;
  return reference && contract.components.schemas[reference.split("/").at(-1)].example;
};
const put = (operationId, address, headers = {}) => ask(GOOD, operationId, "PUT", address, { body: example(operationId), headers });
const post = (operationId, address, headers = {}) => ask(GOOD, operationId, "POST", address, { body: example(operationId), headers });
const creates = { "If-None-Match": "*" };
const object = "999590011/2023/QP059006";
await put("PutLandlord", "/v1/landlords/999590011");
await put("PutQpv", "/v1/qpvs/QP059006");
await put("PutCampaign", "/v1/campaigns/2023", creates);
await put("PutRule", "/v1/rules/DWELLINGS_CHANGE");
await put("PutHolding", `/v1/holdings/${object}`, creates);
await put("PutDeclaration", `/v1/declarations/${object}?dryRun=true`, creates);
await put("PutDeclaration", `/v1/declarations/${object}`, creates);
await put("JustifyAnomaly", `/v1/declarations/${object}/anomalies/VALUED_VERSUS_ABATEMENT`);
const steps = [["Submit", "submit"], ["RequestChangesOf", "request-changes"], ["Submit", "submit"], ["Validate", "validate"], ["Reopen", "reopen"]];
for (const [name, step] of steps) await post(`${name}Declaration`, `/v1/declarations/${object}/${step}`);
for (const [name, step] of steps) await post(`${name}Declarations`, `/v1/declarations/${step}?landlord=999590011&qpv=QP059006&year=2023`);
await put("PutDeclaration", "/v1/declarations/999590011/2023/QP059005", creates);
await ask(GOOD, "DeleteDeclaration", "DELETE", "/v1/declarations/999590011/2023/QP059005");
await put("PutHolding", "/v1/holdings/999590011/2023/QP059005", creates);
await ask(GOOD, "DeleteHolding", "DELETE", "/v1/holdings/999590011/2023/QP059005");

const file = operations.find((o) => o.operationId === "PostImport").requestBody.content["text/csv"].example;
const send = (name, mode, body = file) => ask(GOOD, "PostImport", "POST", `/v1/imports?dataset=declarations&mode=${mode}`, { body, headers: { "Idempotency-Key": name, Prefer: "wait=30" } });
const plan = await send("walk-1", "validate");
const rejected = await send("walk-2", "apply", file.replace("1 234,56", "beaucoup"));
for (const operation of operations.filter((o) => o.method === "get" && o.path.startsWith("/v1/imports/{id}")))
  await ask(GOOD, operation.operationId, "GET", operation.path.replace("{id}", operation.operationId === "GetImportRejects" ? rejected.id : plan.id));
await post("ApplyImport", `/v1/imports/${plan.id}/apply`, { Prefer: "wait=30" });
const given = await send("walk-3", "validate");
await ask(GOOD, "CancelImport", "DELETE", `/v1/imports/${given.id}`);

const key = await post("CreateKey", "/v1/keys");
await ask(GOOD, "GetKey", "GET", `/v1/keys/${key.id}`);
await post("RotateKey", `/v1/keys/${key.id}/rotate`);
await ask(GOOD, "RevokeKey", "DELETE", `/v1/keys/${key.id}`);

// Every operation refuses: what is unknown, who is unknown, who sends a bad key.
for (const operation of operations) {
  const path = (operation.parameters ?? []).filter((p) => p.in === "path").reduce((address, p) => address.replace(`{${p.name}}`, value(p)), operation.path);
  const body = operation.requestBody && { lines: 1 };
  const method = operation.method.toUpperCase();
  await ask(BAD, operation.operationId, method, `${path}?nonsense=1`, { body, headers: { "Accept-Language": "fr" }, expected: [400, 404, 422, 428] });
  await ask(BAD, operation.operationId, method, path, { body, headers: { Authorization: "Bearer wrong" }, expected: [401] });
}
const refuse = (operationId, method, address, status, more = {}) => ask(BAD, operationId, method, address, { expected: [status], ...more });
await refuse("GetDeclaration", "GET", "/v1/declarations/999590011/2099/QP059001", 404);
await refuse("PutDeclaration", "PUT", `/v1/declarations/${object}`, 428, { body: example("PutDeclaration") });
await refuse("PutDeclaration", "PUT", `/v1/declarations/${object}`, 412, { body: example("PutDeclaration"), headers: creates });
await refuse("PutDeclaration", "PUT", `/v1/declarations/${object}`, 415, { body: "lines", headers: { "If-Match": "*" } });
await refuse("ValidateDeclaration", "POST", `/v1/declarations/${object}/validate`, 409, { body: { comment: null } });
await refuse("PutHolding", "PUT", `/v1/holdings/${object}`, 422, { body: { dwellings: -1 }, headers: { "If-Match": "*" } });
await refuse("ListIndicators", "GET", "/v1/indicators", 406, { headers: { Accept: "image/png" } });

const silent = operations.map((o) => o.operationId).filter((id) => !asked.has(id));
console.log(`${requests} requests, ${asked.size} operations, ${failures.length} violations`);
for (const failure of failures) console.error(failure);
if (silent.length) console.error(`Not asked: ${silent.join(", ")}`);
process.exit(failures.length || silent.length ? 1 : 0);
