/** Which resource waits for which others. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** One dependency cycle, as the resources on it in order, or `undefined` if there is none. */
export function findCycle(graph: Graph): string[] | undefined {
	const done = new Set<string>();
	const path: string[] = [];

	const visit = (node: string): string[] | undefined => {
		const start = path.indexOf(node);
		if (start >= 0) return [...path.slice(start), node];
		if (done.has(node)) return undefined;
		path.push(node);
		for (const next of graph.get(node) ?? []) {
			const cycle = visit(next);
			if (cycle) return cycle;
		}
		path.pop();
		done.add(node);
		return undefined;
	};

	for (const node of graph.keys()) {
		const cycle = visit(node);
		if (cycle) return cycle;
	}
	return undefined;
}
