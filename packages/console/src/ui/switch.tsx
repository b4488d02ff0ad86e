interface SwitchProps {
  /** What is switched, for who cannot see what stands beside it. */
  label: string;
  isOn: boolean;
  busy?: boolean;
  disabled?: boolean;
  onChange: (isOn: boolean) => void;
}

/** Acts at once, unlike a checkbox of a form. A busy one keeps the focus, and takes no second press. */
export function Switch({ label, isOn, busy = false, disabled = false, onChange }: SwitchProps) {
  return (
    <input
      type="checkbox"
      role="switch"
      className="switch"
      aria-label={label}
      aria-busy={busy || undefined}
      checked={isOn}
      aria-checked={isOn}
      disabled={disabled}
      onChange={(event) => {
        if (!busy) onChange(event.target.checked);
      }}
    />
  );
}
