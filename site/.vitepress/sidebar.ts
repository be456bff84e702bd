/** The pages, in the order in which a reader needs them. */
export const sidebar = [
	{
		text: "Start",
		items: [
			{ text: "Overview", link: "/README" },
			{ text: "Get started", link: "/docs/getting-started" },
			{ text: "Plan in the browser", link: "/planner" },
			{ text: "When not to warm", link: "/docs/when-not-to-warm" },
			{ text: "Questions and glossary", link: "/docs/faq" },
		],
	},
	{
		text: "Guides",
		items: [
			{ text: "Choose the number", link: "/docs/choosing-concurrency" },
			{ text: "Best practices", link: "/docs/best-practices" },
			{ text: "Recipes", link: "/docs/recipes" },
			{ text: "Testing", link: "/docs/testing" },
			{ text: "Bundling", link: "/docs/bundling" },
			{ text: "Migrating", link: "/docs/migration" },
			{ text: "All ways to deploy", link: "/examples/deploy/README" },
			{ text: "AWS SAM", link: "/docs/sam" },
			{ text: "Serverless Framework", link: "/docs/serverless" },
			{ text: "Terraform", link: "/docs/terraform" },
			{ text: "AWS CLI and Scheduler", link: "/examples/deploy/scheduler/README" },
		],
	},
	{
		text: "Operate",
		items: [
			{ text: "Observability", link: "/docs/observability" },
			{ text: "Reports as metrics", link: "/examples/observability/README" },
			{ text: "Troubleshooting", link: "/docs/troubleshooting" },
			{ text: "Compatibility", link: "/docs/compatibility" },
			{ text: "Security", link: "/SECURITY" },
			{ text: "Measure it on AWS", link: "/docs/measure-on-aws" },
		],
	},
	{
		text: "Reference",
		items: [
			{ text: "Options", link: "/docs/options" },
			{ text: "Command line", link: "/docs/cli" },
			{ text: "plan", link: "/docs/plan" },
			{ text: "Types", link: "/reference/src" },
			{ text: "CDK constructs", link: "/reference/cdk" },
			{ text: "Local Lambda", link: "/reference/local-lambda" },
			{ text: "Serverless plugin", link: "/reference/serverless" },
			{ text: "Wire protocol", link: "/docs/wire-protocol" },
			{ text: "Changes", link: "/CHANGELOG" },
		],
	},
	{
		text: "Background",
		items: [
			{ text: "Verified warming", link: "/docs/verified-warming" },
			{ text: "Benchmarks", link: "/docs/benchmarks" },
			{ text: "Architecture", link: "/docs/architecture" },
			{ text: "Contributing", link: "/CONTRIBUTING" },
			{ text: "Page for Middy's site", link: "/docs/middy-listing" },
		],
	},
];
