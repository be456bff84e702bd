module.exports = {
	testEnvironment: "node",
	// Middy exports nothing to `require` …
	moduleNameMapper: { "^@middy/([^/]+)$": "<rootDir>/node_modules/@middy/$1" },
	// … and is made of ES modules.
	transform: { "\\.[jt]s$": "ts-jest" },
	transformIgnorePatterns: ["/node_modules/(?!@middy/)"],
};
