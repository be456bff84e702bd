import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import Calculator from "./Calculator.vue";
import Planner from "./Planner.vue";
import "./planner.css";

export default {
	extends: DefaultTheme,
	enhanceApp({ app }) {
		app.component("Calculator", Calculator);
		app.component("Planner", Planner);
	},
} satisfies Theme;
