import { strings } from '../strings.ts';

interface WordSelectProps {
  label: string;
  words: readonly string[];
  value: string;
  onChange: (value: string) => void;
}

/** A word that this build has never heard of is kept and shown as it is. */
export function WordSelect({ label, words, value, onChange }: WordSelectProps) {
  const offered = words.includes(value) ? words : [...words, value];
  return (
    <select
      className="input"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {offered.map((word) => (
        <option key={word} value={word}>
          {wordText(word)}
        </option>
      ))}
    </select>
  );
}

export function wordText(word: string): string {
  return strings.rights.words[word] ?? word;
}
