// A partner's program on the generated types: a read, every page of a list, a declaration from draft to validated, a refusal.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/gusp.js";

type Declaration = components["schemas"]["DeclarationResponse"];

const baseUrl = process.env["GUSP"];
const key = process.env["KEY"];
if (!baseUrl || !key) throw new Error("GUSP and KEY are needed.");

// Lists come in several formats: these are the types of JSON, and of problems.
const gusp = createClient<paths, "application/json" | "application/problem+json">({
  baseUrl,
  headers: { Authorization: `Bearer ${key}` },
  // Several values of one parameter stand between commas.
  querySerializer: { array: { style: "form", explode: false } },
});

function must<T>(value: T | undefined, error: unknown): T {
  if (value === undefined) throw new Error(JSON.stringify(error));
  return value;
}

// Figures: a measure asked for lies beside the group.
const indicators = await gusp.GET("/v1/indicators", {
  params: { query: { from: 2019, to: 2022, groupBy: ["department", "year"], measures: ["expense", "coverageRate"] } },
});
const rows = must(indicators.data, indicators.error).data;
console.log(`${rows.length} rows, the first of ${rows[0]?.group["department"]?.label}`);

// Every page.
let landlords = 0;
let cursor: string | undefined;
do {
  const page = await gusp.GET("/v1/landlords", { params: { query: cursor ? { limit: 5, cursor } : { limit: 5 } } });
  const { data, links } = must(page.data, page.error);
  landlords += data.length;
  cursor = links.next ? new URL(links.next, baseUrl).searchParams.get("cursor") ?? undefined : undefined;
} while (cursor);
console.log(`${landlords} landlords`);

// A year, from draft to validated.
const path = { siren: "999590011", year: Number(process.env["YEAR"] ?? 2023), qpvCode: "QP059002" };
const saved = await gusp.PUT("/v1/declarations/{siren}/{year}/{qpvCode}", {
  params: { path, header: { "If-None-Match": "*" } },
  body: { lines: [{ ref: "T1", axis: 3, action: "Nettoyage renforcé", family: "REINFORCEMENT", actual: 1234.5, qualitativeReview: "Fait." }] },
});
console.log(`saved: ${(must(saved.data, saved.error) as Declaration).status}, ETag ${saved.response.headers.get("ETag")}`);

// What breaks a rule is told, with its code and its place.
const holding = await gusp.PUT("/v1/holdings/{siren}/{year}/{qpvCode}", {
  params: { path, header: { "If-None-Match": "*" } },
  body: { dwellings: 120, abatement: 0.001 },
});
if (holding.error?.code !== "RULES_BROKEN") throw new Error("It should have been refused.");
console.log(`refused: ${holding.error.errors.map((error) => `${error.pointer} ${error.code}`).join(", ")}`);
const mended = await gusp.PUT("/v1/holdings/{siren}/{year}/{qpvCode}", {
  params: { path, header: { "If-None-Match": "*" } },
  body: { dwellings: 120, abatement: 1234.5, abatementMethod: "NOTICE" },
});
must(mended.data, mended.error);

const submitted = await gusp.POST("/v1/declarations/{siren}/{year}/{qpvCode}/submit", { params: { path } });
must(submitted.data, submitted.error);
const validated = await gusp.POST("/v1/declarations/{siren}/{year}/{qpvCode}/validate", { params: { path } });
console.log(`then: ${must(validated.data, validated.error).status}`);
