import { describe, expect, it, vi } from 'vitest';
import { ApiProblem } from '../api/index.ts';
import { SudoDismissed, withSudo } from './with-sudo.ts';

const sudoRequired = new ApiProblem({ status: 403, code: 'sudo_required' });

function confirming(confirmed: boolean) {
  return vi.fn<() => Promise<boolean>>(async () => confirmed);
}

describe('a sensitive call', () => {
  it('asks for nothing when the server does not', async () => {
    const confirm = confirming(true);
    await expect(withSudo(async () => 'done', confirm)).resolves.toBe('done');
    expect(confirm).not.toHaveBeenCalled();
  });

  it('is made again once the administrator has confirmed', async () => {
    const call = vi.fn<() => Promise<string>>().mockRejectedValueOnce(sudoRequired).mockResolvedValue('done');
    await expect(withSudo(call, confirming(true))).resolves.toBe('done');
    expect(call).toHaveBeenCalledTimes(2);
  });

  it('is not made again when the administrator steps back', async () => {
    const call = vi.fn<() => Promise<string>>().mockRejectedValue(sudoRequired);
    await expect(withSudo(call, confirming(false))).rejects.toBeInstanceOf(SudoDismissed);
    expect(call).toHaveBeenCalledOnce();
  });

  it('asks once, even when the server refuses again after a confirmation', async () => {
    const call = vi.fn<() => Promise<string>>().mockRejectedValue(sudoRequired);
    const confirm = confirming(true);
    await expect(withSudo(call, confirm)).rejects.toBe(sudoRequired);
    expect(confirm).toHaveBeenCalledOnce();
  });

  it.each(['forbidden', 'invalid_credentials', 'rate_limited'])('does not ask after %s', async (code) => {
    const refused = new ApiProblem({ status: 403, code });
    const confirm = confirming(true);
    await expect(withSudo(() => Promise.reject(refused), confirm)).rejects.toBe(refused);
    expect(confirm).not.toHaveBeenCalled();
  });
});
