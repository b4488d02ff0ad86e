import { signInMethods } from '../api/index.ts';
import { strings } from '../strings.ts';
import { MethodRow } from './method-row.tsx';
import { SettingsSection } from './settings-section.tsx';

const text = strings.authSettings;

export function MethodsSection() {
  return (
    <SettingsSection title={text.methods} body={text.methodsBody}>
      <ul className="card methods">
        {signInMethods.map((method) => (
          <MethodRow key={method} method={method} />
        ))}
      </ul>
    </SettingsSection>
  );
}
