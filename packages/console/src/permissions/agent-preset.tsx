import { useState } from 'react';
import { strings } from '../strings.ts';
import { Button, Field } from '../ui/index.ts';
import { codePattern } from './rows.ts';

const { rights } = strings;

/** The three rows of an agent by one press, for the project that stands beside it. */
export function AgentPreset({ onPress }: { onPress: (at: { namespace: string; project: string }) => void }) {
  const [namespace, setNamespace] = useState('*');
  const [project, setProject] = useState('*');
  return (
    <fieldset className="preset">
      <legend>{rights.preset}</legend>
      <Field
        label={rights.presetNamespace}
        value={namespace}
        pattern={codePattern}
        onChange={(event) => setNamespace(event.target.value)}
      />
      <Field
        label={rights.presetProject}
        value={namespace === '*' ? '*' : project}
        pattern={codePattern}
        disabled={namespace === '*'}
        onChange={(event) => setProject(event.target.value)}
      />
      <Button onClick={() => onPress({ namespace: namespace.trim() || '*', project: project.trim() || '*' })}>
        {rights.presetAgent}
      </Button>
    </fieldset>
  );
}
