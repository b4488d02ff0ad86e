#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-semi-space-size=8
/** Looks at Node before anything else is loaded: what is native in the product ends an older one without a word. */

const OLDEST: readonly [number, number] = [22, 14];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  process.stderr.write(
    `fluxgate: this is Node ${process.versions.node}, and ${OLDEST.join('.')} or later is needed. \`npm start\` fetches one: run .tools/node-…/node_modules/node-…/bin/node of the checkout, or install a newer one.\n`,
  );
  process.exit(1);
}

await import('./command-line.ts');
