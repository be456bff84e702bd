/** The part of Terraform's language that the example uses; anything else throws. References become `${a.b.c}`. */
export interface Block {
	type: string;
	labels: string[];
	attributes: Record<string, HclValue>;
	blocks: Block[];
}

export type HclValue =
	| string
	| number
	| boolean
	| HclValue[]
	| { [key: string]: HclValue };

const TOKEN =
	/\s*(?:#[^\n]*\s*)*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_][\w-]*)|(\d+(?:\.\d+)?)|([{}[\]()=,.]))/y;

export function parseHcl(text: string): Block[] {
	const tokens = tokenize(text);
	let position = 0;

	const peek = (ahead = 0): string => tokens[position + ahead] ?? "";
	const next = (): string => {
		const token = tokens[position++];
		if (token === undefined) throw new Error("unexpected end");
		return token;
	};
	const expect = (token: string): void => {
		const found = next();
		if (found !== token) throw new Error(`expected ${token}, found ${found}`);
	};

	const body = (block: Block, end: string): Block => {
		while (peek() !== end) {
			if (peek(1) === "=") {
				const name = next();
				expect("=");
				block.attributes[name] = expression();
			} else block.blocks.push(nested());
		}
		return block;
	};

	const nested = (): Block => {
		const block: Block = {
			type: next(),
			labels: [],
			attributes: {},
			blocks: [],
		};
		while (peek().startsWith('"')) block.labels.push(string(next()));
		expect("{");
		body(block, "}");
		expect("}");
		return block;
	};

	const expression = (): HclValue => {
		const token = next();
		if (token.startsWith('"')) return string(token);
		if (/^\d/.test(token)) return Number(token);
		if (token === "true" || token === "false") return token === "true";
		if (token === "[") return list("]");
		if (token === "{") return object();
		if (!/^[A-Za-z_]/.test(token)) throw new Error(`unexpected ${token}`);
		if (peek() === "(") {
			if (token !== "jsonencode") throw new Error(`unknown function ${token}`);
			next();
			const [argument] = list(")");
			return JSON.stringify(argument);
		}
		let path = token;
		while (peek() === ".") {
			next();
			path += `.${next()}`;
		}
		return `\${${path}}`;
	};

	const list = (end: string): HclValue[] => {
		const items: HclValue[] = [];
		while (peek() !== end) {
			items.push(expression());
			if (peek() === ",") next();
		}
		expect(end);
		return items;
	};

	const object = (): HclValue => {
		const entries: { [key: string]: HclValue } = {};
		while (peek() !== "}") {
			const key = next();
			expect("=");
			entries[key.startsWith('"') ? string(key) : key] = expression();
			if (peek() === ",") next();
		}
		expect("}");
		return entries;
	};

	return body({ type: "file", labels: [], attributes: {}, blocks: [] }, "")
		.blocks;
}

function tokenize(text: string): string[] {
	const tokens: string[] = [];
	TOKEN.lastIndex = 0;
	while (
		text
			.slice(TOKEN.lastIndex)
			.replace(/#[^\n]*/g, "")
			.trim() !== ""
	) {
		const start = TOKEN.lastIndex;
		const match = TOKEN.exec(text);
		if (!match)
			throw new Error(`not understood: ${text.slice(start, start + 40)}`);
		tokens.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? "");
	}
	return tokens;
}

// Templates stay as they are written: `${path.module}` in a string is a reference like any other.
function string(token: string): string {
	return JSON.parse(token) as string;
}
