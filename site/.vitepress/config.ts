import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vitepress";
import { copyLinkedFiles, linkToText } from "./linked-files.js";
import { writeLlmsTxt } from "./llms.js";
import { sidebar } from "./sidebar.js";
import { slugify } from "./slugify.js";
import { showTabs } from "./tabs.js";

const site = fileURLToPath(new URL("..", import.meta.url));
const repository = join(site, "..");

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#c2410c"/></svg>`;

/** The pages are outside this folder, so Node.js would not find this folder's Vue when it renders them. */
const vueFromHere: Plugin = {
	name: "vue-from-here",
	enforce: "pre",
	resolveId(id, _importer, { ssr }) {
		return ssr && ["vue", "vue/server-renderer"].includes(id) ? { id, external: true } : undefined;
	},
};

export default defineConfig({
	title: "middy-lambda-warmer",
	description: "Fewer cold starts for Middy functions, with proof.",
	lang: "en-US",
	head: [["link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
	srcDir: "..",
	// Fixtures and templates are not pages.
	srcExclude: ["__tests__/**", "bench/**", "coverage/**", "reports/**", "site/reference/README.md"],
	rewrites: { "site/:path*": ":path*" },
	outDir: ".vitepress/dist",
	cacheDir: ".vitepress/cache",
	markdown: {
		languageAlias: { logsinsights: "sql", mjs: "js" },
		anchor: { slugify },
		config(markdown) {
			linkToText(markdown, repository);
			showTabs(markdown);
		},
	},
	themeConfig: {
		nav: [
			{ text: "Get started", link: "/docs/getting-started" },
			{ text: "Plan", link: "/planner" },
			{ text: "Options", link: "/docs/options" },
		],
		sidebar,
		outline: [2, 3],
		search: { provider: "local" },
		footer: { message: "MIT licensed." },
	},
	vite: {
		// The planner's model shares a module with the middleware, which reads these variables in Lambda.
		define: {
			"process.env.AWS_LAMBDA_INITIALIZATION_TYPE": "undefined",
			"process.env.AWS_LAMBDA_MAX_CONCURRENCY": "undefined",
		},
		plugins: [vueFromHere],
		worker: { format: "es" },
		publicDir: false,
	},
	async buildEnd({ outDir }) {
		await copyLinkedFiles(repository, outDir);
		await writeLlmsTxt(repository, outDir);
	},
});
