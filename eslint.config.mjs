import tseslint from 'typescript-eslint';

const clockOnly = 'time enters the core with an event; adapters take a Clock';

export default tseslint.config(
  {
    files: ['src/**/*.{ts,tsx}', 'test/**/*.ts', 'deploy/**/*.ts', 'bench/**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: {
        project: ['./tsconfig.json', './tsconfig.page.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: { 'max-lines': ['error', { max: 300 }] },
  },
  {
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'Date', message: clockOnly }],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'the core is deterministic' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: ':function[async=true]', message: 'the core is synchronous' },
        { selector: 'AwaitExpression', message: 'the core is synchronous' },
      ],
    },
  },
);
