// What the scripts of the browser components and their tests must be: nothing undefined, nothing unused.
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/.venv/", "**/node_modules/", "assets/vendor/"] }, // what others wrote is theirs
  js.configs.recommended,
  {
    files: ["ui/components/**/*.js", "tests/js/**/*.js", "benchmarks/**/*.js", "*.mjs"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-undef": "error",
      "no-unused-vars": ["error", { caughtErrors: "none" }],
      "prefer-const": "error",
    },
  },
  { files: ["tests/js/**/*.js", "*.mjs"], languageOptions: { globals: globals.node } },
];
