/** Why a backup or a restore cannot be made, and what helps: said as it is, without a stack. */
export class BackupProblem extends Error {
	override name = 'BackupProblem';
}
