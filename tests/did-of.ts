import type { LocalNetwork } from '../dev/network/start-network.ts';

/** The did of alice, bob or carol of a local network. */
export const didOf = ({ accounts }: Pick<LocalNetwork, 'accounts'>, name: string): string =>
	accounts.find(({ handle }) => handle === `${name}.test`)?.did ?? '';
