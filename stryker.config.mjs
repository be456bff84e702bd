import unit from "./jest.unit.config.mjs";

/**
 * Mutation tests: of `src/`, or with `MUTATE=cdk` of `cdk/`. Apart, since a worker that has loaded the CDK is slow at
 * everything else.
 */
const isCdk = process.env.MUTATE === "cdk";

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
	testRunner: "jest",
	testRunnerNodeArgs: ["--experimental-vm-modules"],
	jest: {
		configFile: "jest.config.mjs",
		config: {
			// What a mutant makes hang is to end soon.
			testTimeout: 5000,
			...(isCdk
				? {
						testMatch: ["<rootDir>/__tests__/cdk/*.test.ts"],
						testPathIgnorePatterns: ["prewarm-code.test.ts", "nag.test.ts"],
					}
				: {
						testMatch: unit.testMatch,
						testPathIgnorePatterns: [...unit.testPathIgnorePatterns, "architecture.test.ts"],
					}),
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
