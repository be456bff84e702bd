const TITLES = {
	src: "Types of the middleware",
	cdk: "The CDK constructs",
	"local-lambda": "The local Lambda",
	serverless: "The Serverless plugin",
};

/** One page for each entry point of the package, from its doc comments. */
export default {
	plugin: ["typedoc-plugin-markdown"],
	entryPoints: ["../src/index.ts", "../cdk/index.ts", "../local-lambda/index.ts", "../serverless/index.ts"],
	tsconfig: "../tsconfig.json",
	basePath: "..",
	out: "reference",
	router: "module",
	readme: "none",
	disableSources: true,
	excludePrivate: true,
	excludeExternals: true,
	// The repository checks its types itself. Here, its dependencies may be missing, so some types are unknown.
	skipErrorChecking: true,
	logLevel: "Error",
	hidePageHeader: true,
	hideBreadcrumbs: true,
	pageTitleTemplates: { module: ({ name }) => TITLES[name] ?? name },
	parametersFormat: "table",
	interfacePropertiesFormat: "table",
};
