/** @type {import("jest").Config} */
export default {
	testEnvironment: "node",
	globalSetup: "<rootDir>/__tests__/setup.ts",
	globalTeardown: "<rootDir>/__tests__/teardown.ts",
	testMatch: ["<rootDir>/__tests__/**/*.test.ts"],
	extensionsToTreatAsEsm: [".ts"],
	moduleNameMapper: {
		"^middy-lambda-warmer$": "<rootDir>/src/index.ts",
		"^middy-lambda-warmer/cdk$": "<rootDir>/cdk/index.ts",
		"^middy-lambda-warmer/local$": "<rootDir>/local-lambda/index.ts",
		"^middy-lambda-warmer/serverless$": "<rootDir>/serverless/index.ts",
		// TypeScript's own files are imported by the name that they will have once compiled.
		"^(\\.{1,2}/.*)\\.js$": "$1",
	},
	transform: { "^.+\\.ts$": ["ts-jest", { useESM: true }] },
	collectCoverageFrom: ["src/**/*.ts", "cdk/**/*.ts", "serverless/**/*.ts"],
	coverageThreshold: {
		global: { statements: 100, branches: 100, functions: 100, lines: 100 },
	},
	coverageDirectory: "coverage",
	// Only for what hangs: a busy machine is no reason to fail.
	testTimeout: 120_000,
	// Some wait more than they work; but the end-to-end tests are processes themselves, up to 60 at a time.
	maxWorkers: 2,
};
