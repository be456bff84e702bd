import { readdirSync } from "node:fs";

/**
 * Mutation tests: of `src/`, or with `MUTATE=cdk` of `cdk/`. Apart, since a worker that has loaded the CDK is slow at
 * everything else.
 */
const isCdk = process.env.MUTATE === "cdk";

/** The tests of `src/` and, in folders of the same names, of its folders. */
const testsOfSources = [
	"<rootDir>/__tests__/*.test.ts",
	...readdirSync("src", { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.map(({ name }) => `<rootDir>/__tests__/${name}/**/*.test.ts`),
];

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
	testRunner: "jest",
	testRunnerNodeArgs: ["--experimental-vm-modules"],
	jest: {
		configFile: "jest.config.ts",
		config: {
			// What a mutant makes hang is to end soon.
			testTimeout: 5000,
			testMatch: isCdk ? ["<rootDir>/__tests__/cdk/*.test.ts"] : testsOfSources,
			testPathIgnorePatterns: [
				"package.test.ts",
				"property.test.ts",
				"simulation.test.ts",
				"prewarm-code.test.ts",
				"nag.test.ts",
			],
		},
	},
	coverageAnalysis: "perTest",
	mutate: [isCdk ? "cdk/**/*.ts" : "src/**/*.ts"],
	reporters: ["clear-text", "progress", "json"],
	clearTextReporter: { allowColor: false, logTests: false },
	jsonReporter: { fileName: `reports/mutation-${isCdk ? "cdk" : "src"}.json` },
	thresholds: { high: 98, low: 98, break: 98 },
	concurrency: 2,
	ignorePatterns: ["/bench", "/coverage", "/dist", "/docs", "/reports"],
	timeoutMS: 4000,
};
