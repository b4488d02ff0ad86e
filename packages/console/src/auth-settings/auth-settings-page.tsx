import { AddressesSection } from './addresses-section.tsx';
import { BrandingSection } from './branding-section.tsx';
import { MethodsSection } from './methods-section.tsx';
import { MfaSection } from './mfa-section.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { UnsavedGuard } from './unsaved-guard.tsx';

export function AuthSettingsPage() {
  return (
    <UnsavedGuard>
      <div className="settings">
        <MethodsSection />
        <MfaSection />
        <SessionsSection />
        <AddressesSection />
        <BrandingSection />
      </div>
    </UnsavedGuard>
  );
}
