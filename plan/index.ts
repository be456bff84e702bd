/**
 * The planner: text of requests in, table and advice out. The command `plan`, the benchmark and the page of the
 * documentation share it, so nothing here needs Node.js.
 *
 * @module
 */

export { formatDollars, formatPercent } from "./advice.js";
export type { Plan, PlanRow } from "./answer.js";
export { type BadLine, createParser, type Parsed, ParseError, type ParserOptions } from "./parse/parser.js";
export { createPlan, DEFAULT_PLAN_OPTIONS, type PlanOptions, POLICIES } from "./plan.js";
export { DEFAULT_PRICES, type Prices } from "./prices.js";
export { peakOf, type Requests, requestsByHour } from "./requests.js";
export { DEFAULT_WORLD, type World } from "./simulate.js";
