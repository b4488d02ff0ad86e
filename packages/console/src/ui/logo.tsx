/** The gate with a spark in it; the word beside it names the product, so the mark itself is silent. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <rect className="logo-ground" width="32" height="32" rx="8" />
      <path className="logo-gate" d="M8 25V15.5a8 8 0 0 1 16 0V25" />
      <path className="logo-spark" d="M16 12.2l1.5 4.3 4.3 1.5-4.3 1.5L16 23.8l-1.5-4.3-4.3-1.5 4.3-1.5z" />
    </svg>
  );
}
