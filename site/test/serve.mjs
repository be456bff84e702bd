import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const TYPES = {
	".html": "text/html",
	".js": "text/javascript",
	".css": "text/css",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
	".md": "text/markdown; charset=utf-8",
	".woff2": "font/woff2",
};

/** Serves a folder on a free local port, like a plain host of static files. */
export const serve = async (folder) => {
	const server = createServer(async ({ url }, response) => {
		const { pathname } = new URL(url, "http://localhost");
		const file = join(folder, decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
		const isFile = await stat(file).then(
			(stats) => stats.isFile(),
			() => false,
		);
		if (!isFile) {
			response.writeHead(404).end();
			return;
		}
		response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
		createReadStream(file).pipe(response);
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		origin: `http://127.0.0.1:${server.address().port}`,
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
};
