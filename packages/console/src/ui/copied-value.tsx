import { CopyButton } from './copy-button.tsx';

/** Something that is carried elsewhere letter by letter. */
export function CopiedValue({ value, what }: { value: string; what: string }) {
  return (
    <span className="with-copy">
      <code className="wrap-anywhere">{value}</code>
      <CopyButton value={value} what={what} />
    </span>
  );
}
