import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

interface DialogProps {
  title: string;
  description?: string;
  onDismiss: () => void;
  children: ReactNode;
}

/**
 * The browser's own modal: it traps focus, makes the page behind inert and gives focus back, without the run-time
 * styles a library would inject and the server's policy would refuse. Mounted means open.
 */
export function Dialog({ title, description, onDismiss, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const descriptionId = useId();

  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    // Closed before it leaves the document: removal alone would not return the focus.
    return () => dialog?.close();
  }, []);

  return (
    <dialog
      ref={ref}
      className="dialog"
      aria-labelledby={titleId}
      aria-describedby={description === undefined ? undefined : descriptionId}
      onCancel={(event) => {
        event.preventDefault();
        onDismiss();
      }}
      onClose={() => {
        // Browsers let a second Escape close a dialog whatever its cancel handler says.
        if (ref.current?.open === false) onDismiss();
      }}
    >
      <h2 id={titleId} className="dialog-title">
        {title}
      </h2>
      {description !== undefined && (
        <p id={descriptionId} className="dialog-text">
          {description}
        </p>
      )}
      {children}
    </dialog>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="dialog-actions">{children}</div>;
}
