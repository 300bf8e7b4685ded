/**
 * Says in one line what is needed, where a script ends up on a Node that cannot run TypeScript: there `npm ci` had
 * no build of Node to bring, or was told to leave optional dependencies out. Plain JavaScript, for any Node.
 */
if (!process.features.typescript) {
  console.error(
    `Node ${process.versions.node} cannot run TypeScript. Install Node 22.18 or newer (https://nodejs.org), or run \`npm ci\` without --omit=optional, which brings one for Linux, macOS and Windows.`,
  );
  process.exit(1);
}
