/** What is combined with what. */

import { type NodeVersion, nodeVersions } from "../../../scripts/lib/installed.js";

export const middyVersions = [5, 6, 7] as const;
export type MiddyVersion = (typeof middyVersions)[number];

/** How the handler comes by the middleware. */
const loadings = ["import", "require", "esm", "cjs"] as const;
export type Loading = (typeof loadings)[number];

const executionModes = ["standard", "streamified", "durable"] as const;
export type ExecutionMode = (typeof executionModes)[number];

/** The local Lambda's bundled loop, or the official `aws-lambda-ric`. */
export type Runtime = "loop" | "ric";

/** One combination: a row of the table. */
export interface Row {
	readonly middy: MiddyVersion;
	readonly mode: ExecutionMode;
	readonly loading: Loading;
}

/** One run of a row: a column of the table. */
export interface Column {
	readonly node: NodeVersion;
	readonly runtime: Runtime;
}

/** Where a row can be run at all, the handler's source in `handlers/`. */
export const handlerOf = ({ middy, mode, loading }: Row): string | undefined => {
	if (loading === "require") {
		// Lambda's Node.js 20 and 22 cannot `require` Middy. A handler of another mode is marked when it is made: import()
		// is too late.
		return mode === "standard" ? "standard.cjs" : undefined;
	}
	if (mode === "standard") return "standard.mjs";
	if (mode === "durable") return middy === 7 ? "durable.mjs" : undefined;
	return middy === 7 ? "streamified.mjs" : "streamified-option.mjs";
};

export const rows: readonly Row[] = middyVersions.flatMap((middy) =>
	executionModes.flatMap((mode) =>
		loadings.map((loading) => ({ middy, mode, loading })).filter((row) => handlerOf(row) !== undefined),
	),
);

/** aws-lambda-ric 4 declares node >=22. */
export const columns: readonly Column[] = [
	...nodeVersions.map((node) => ({ node, runtime: "loop" as const })),
	...nodeVersions.filter((node) => node >= 22).map((node) => ({ node, runtime: "ric" as const })),
];

/** Whether Middy itself declares this Node.js version (`engines`) for all that the row loads. */
export const isSupportedByMiddy = ({ middy }: Row, { node }: Column): boolean => middy < 7 || node >= 22;
